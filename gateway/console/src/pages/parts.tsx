// parts.tsx - what several pages beside the board are made of.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { visible } from '../device';
import { Button, complain, Dialog, Icon, type IconName } from '../ui';
import { w } from './words';

/** A card with a heading. */
export function Section({ title, children, actions }:
    { title: string; children: ComponentChildren; actions?: ComponentChildren }) {
  const id = useId();
  return (
    <section class="card" aria-labelledby={id}>
      <header class="section-head"><h2 id={id}>{title}</h2>{actions}</header>
      {children}
    </section>
  );
}

export type Cell = ComponentChildren;

/** A table that scrolls by itself on narrow screens. `figures`: from that column on they are numbers. */
export function Table({ caption, head, rows, figures = 99 }:
    { caption: string; head: string[]; rows: (readonly [key: string, ...Cell[]])[]; figures?: number }) {
  return (
    <div class="scroll" role="region" aria-label={caption} tabIndex={0}>
      <table class="table">
        <caption class="hidden">{caption}</caption>
        <thead><tr>{head.map((h, i) => <th key={h} scope="col" class={i >= figures ? 'figure' : ''}>{h}</th>)}</tr></thead>
        <tbody>{rows.map(([key, first, ...others]) => (
          <tr key={key}>
            <th scope="row">{first}</th>
            {others.map((cell, i) => <td key={i} class={i + 1 >= figures ? 'figure' : ''}>{cell}</td>)}
          </tr>
        ))}</tbody>
      </table>
    </div>
  );
}

/** Numbers that are read at a glance. */
export function Figures({ items }: { items: (readonly [label: string, value: string, more?: string])[] }) {
  return (
    <dl class="figures">{items.map(([label, value, more]) => (
      <div key={label}><dt>{label}</dt><dd><b>{value}</b>{more && <span class="hint">{more}</span>}</dd></div>
    ))}</dl>
  );
}

/** A state in words, with its icon. */
export const State = ({ kind, icon, children }: { kind: 'good' | 'warn' | 'bad' | 'plain'; icon?: IconName; children: ComponentChildren }) =>
  <span class={`badge mark-${kind}`}>{icon && <Icon name={icon} />}{children}</span>;

/** Does one thing at a time; what went wrong is said. */
export function useAct() {
  const [doing, setDoing] = useState('');
  const act = (name: string, work: () => Promise<unknown>) => {
    if (doing) return;
    setDoing(name);
    void work().catch(complain).finally(() => setDoing(''));
  };
  return { doing, act };
}

/** Again every so many seconds, while somebody can see it. */
export function useEvery(seconds: number, work: () => void, deps: readonly unknown[]): void {
  useEffect(() => {
    const timer = setInterval(() => { if (visible.value) work(); }, seconds * 1000);
    return () => clearInterval(timer);
  }, deps);
}

/** Gives what was fetched to the browser as a file. */
export function saveFile(name: string, blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Something to take along: it can be copied, not changed. */
export function Copy({ label, value }: { label: string; value: string }) {
  const id = useId();
  const [done, setDone] = useState(false);
  const copy = () => navigator.clipboard.writeText(value).then(() => setDone(true), () => document.getElementById(id)?.focus());
  return (
    <div class="field copy">
      <label for={id}>{label}</label>
      <input id={id} readOnly value={value} onFocus={(e) => e.currentTarget.select()} />
      <Button icon={done ? 'check' : undefined} onClick={() => void copy()}>{w(done ? 'copied' : 'copy')}</Button>
      <span class="hidden" role="status">{done && w('copied')}</span>
    </div>
  );
}

/** A secret that is not shown again. */
export function Secret({ title, label, value, onClose, children }:
    { title: string; label: string; value: string; onClose(): void; children: ComponentChildren }) {
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <Copy label={label} value={value} />
      <footer class="actions"><Button kind="main" onClick={onClose}>{w('have_it')}</Button></footer>
    </Dialog>
  );
}
