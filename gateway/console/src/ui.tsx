// ui.tsx - the small parts that all pages are made of.
import { signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Refused, type Problem } from './api';
import { t } from './words/words';

// ---- icons: strokes on a 24 px grid, after Lucide's (ISC) ----

const icons = {
  bell: 'M6 8a6 6 0 0 1 12 0c0 7 3 9 3 9H3s3-2 3-9M10.3 21a1.9 1.9 0 0 0 3.4 0',
  check: 'M20 6 9 17l-5-5',
  checks: 'M18 6 7 17l-5-5M22 10l-7.5 7.5L13 16',
  chat: 'M21 15a2 2 0 0 1-2 2H7l-4 4V5a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2z',
  phone: 'M22 16.9v3a2 2 0 0 1-2.2 2 19.8 19.8 0 0 1-8.6-3 19.5 19.5 0 0 1-6-6 19.8 19.8 0 0 1-3.1-8.7A2 2 0 0 1 4.1 2h3a2 2 0 0 1 2 1.7c.1 1 .4 1.9.7 2.8a2 2 0 0 1-.5 2.1L8.1 9.9a16 16 0 0 0 6 6l1.3-1.3a2 2 0 0 1 2.1-.4c.9.3 1.8.6 2.8.7a2 2 0 0 1 1.8 2z',
  seat: 'M5 11V6a2 2 0 0 1 2-2h10a2 2 0 0 1 2 2v5M3 13a2 2 0 0 1 4 0v3h10v-3a2 2 0 0 1 4 0v5a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2zM6 20v2M18 20v2',
  clock: 'M12 7v5l3 2M12 22a10 10 0 1 1 0-20 10 10 0 0 1 0 20z',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  close: 'M18 6 6 18M6 6l12 12',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  undo: 'M9 14 4 9l5-5M4 9h10.5a5.5 5.5 0 0 1 0 11H11',
  up: 'm18 15-6-6-6 6',
  down: 'm6 9 6 6 6-6',
  grip: 'M9 5h.01M9 12h.01M9 19h.01M15 5h.01M15 12h.01M15 19h.01',
  left: 'm15 18-6-6 6-6',
  warn: 'm21.7 18-8-14a2 2 0 0 0-3.4 0l-8 14A2 2 0 0 0 4 21h16a2 2 0 0 0 1.7-3zM12 9v4M12 17h.01',
  people: 'M16 21v-2a4 4 0 0 0-4-4H6a4 4 0 0 0-4 4v2M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM22 21v-2a4 4 0 0 0-3-3.9M16 3.1a4 4 0 0 1 0 7.8',
  list: 'M8 6h13M8 12h13M8 18h13M3 6h.01M3 12h.01M3 18h.01',
  calendar: 'M8 2v4M16 2v4M3 10h18M5 4h14a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z',
  chart: 'M3 3v18h18M8 17v-5M13 17V8M18 17v-8',
  signal: 'M2 20h.01M7 20v-4M12 20v-8M17 20V8M22 4v16',
  text: 'M4 7V5h16v2M9 19h6M12 5v14',
  gear: 'M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM19 12a7 7 0 0 0-.1-1.2l2-1.6-2-3.4-2.4 1a7 7 0 0 0-2-1.2L14 3h-4l-.5 2.6a7 7 0 0 0-2 1.2l-2.4-1-2 3.4 2 1.6a7 7 0 0 0 0 2.4l-2 1.6 2 3.4 2.4-1a7 7 0 0 0 2 1.2L10 21h4l.5-2.6a7 7 0 0 0 2-1.2l2.4 1 2-3.4-2-1.6c.1-.4.1-.8.1-1.2z',
  lock: 'M7 11V7a5 5 0 0 1 10 0v4M5 11h14a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2z',
  print: 'M6 9V2h12v7M6 18H4a2 2 0 0 1-2-2v-5a2 2 0 0 1 2-2h16a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2h-2M6 14h12v8H6z',
  search: 'M11 19a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM21 21l-4.3-4.3',
  send: 'm22 2-7 20-4-9-9-4zM22 2 11 13',
  sound: 'M11 5 6 9H2v6h4l5 4zM15.5 8.5a5 5 0 0 1 0 7M19 5a10 10 0 0 1 0 14',
  mute: 'M11 5 6 9H2v6h4l5 4zM22 9l-6 6M16 9l6 6',
  help: 'M9.1 9a3 3 0 0 1 5.8 1c0 2-3 3-3 3M12 17h.01M12 22a10 10 0 1 1 0-20 10 10 0 0 1 0 20z',
  edit: 'M12 20h9M16.5 3.5a2.1 2.1 0 0 1 3 3L7 19l-4 1 1-4z',
  trash: 'M3 6h18M8 6V4a2 2 0 0 1 2-2h4a2 2 0 0 1 2 2v2M19 6l-1 14a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2L5 6M10 11v6M14 11v6',
  away: 'M9 21H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h4M16 17l5-5-5-5M21 12H9',
} as const;
export type IconName = keyof typeof icons;

/** An icon says nothing to a screen reader: its button has words. */
export function Icon({ name }: { name: IconName }) {
  return <svg class={`icon i-${name}`} viewBox="0 0 24 24" aria-hidden="true"><path d={icons[name]} /></svg>;
}

// ---- buttons ----

interface ButtonProps extends Omit<JSX.HTMLAttributes<HTMLButtonElement>, 'icon' | 'label'> {
  icon?: IconName;
  label?: string; // of a button that shows its icon only
  kind?: 'plain' | 'main' | 'danger' | 'bare';
  busy?: boolean;
  disabled?: boolean;
  type?: 'button' | 'submit';
  children?: ComponentChildren;
}

/** While `busy` it does nothing, and keeps its focus. */
export function Button({ icon, label, kind = 'plain', busy, onClick, children, type = 'button', ...more }: ButtonProps) {
  return (
    <button aria-label={label} title={label} {...more} type={type} class={`button ${kind} ${more.class ?? ''}`}
            aria-busy={busy || undefined} aria-disabled={busy || undefined}
            onClick={busy ? (e) => e.preventDefault() : onClick}>
      {icon && <Icon name={icon} />}
      {children && <span>{children}</span>}
    </button>
  );
}

// ---- fields ----

interface FieldProps extends Omit<JSX.InputHTMLAttributes<HTMLInputElement>, 'label'> {
  label: string;
  hint?: string;
  problem?: string | false;
}

export function Field({ label, hint, problem, ...input }: FieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input {...input} id={id} aria-invalid={problem ? 'true' : undefined}
             aria-describedby={problem || hint ? `${id}-more` : undefined} />
      {(problem || hint) && <p id={`${id}-more`} class={problem ? 'problem' : 'hint'}>{problem || hint}</p>}
    </div>
  );
}

interface SelectProps extends Omit<JSX.SelectHTMLAttributes<HTMLSelectElement>, 'label'> {
  label: string;
  hint?: string;
  options: readonly (readonly [value: string, text: string])[];
}

export function Select({ label, hint, options, value, ...more }: SelectProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select {...more} id={id} value={value} aria-describedby={hint ? `${id}-more` : undefined}>
        {options.map(([key, text]) => <option key={key} value={key} selected={key === value}>{text}</option>)}
      </select>
      {hint && <p id={`${id}-more`} class="hint">{hint}</p>}
    </div>
  );
}

export function Check({ label, hint, ...input }: { label: string; hint?: string } & JSX.InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <div class="check">
      <input {...input} type="checkbox" id={id} aria-describedby={hint ? `${id}-more` : undefined} />
      <label for={id}>{label}</label>
      {hint && <p id={`${id}-more`} class="hint">{hint}</p>}
    </div>
  );
}

// ---- forms: what was refused stands beside its field ----

/** Runs `work` once at a time; says what was refused, by field or as a whole. */
export function useForm(work: () => Promise<void>) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (e) {
      setProblem(e instanceof Refused ? e.problem : { title: t('no_connection'), detail: t('no_connection') } as Problem);
    } finally {
      setBusy(false);
    }
  };
  const of = (...fields: string[]) => problem?.param && fields.includes(problem.param) && problem.detail;
  return { submit, busy, problem, of, clear: () => setProblem(null) };
}

/** What no field of the form is to blame for. */
export function FormProblem({ problem, fields = [] }: { problem: Problem | null; fields?: string[] }) {
  if (!problem || (problem.param && fields.includes(problem.param))) return null;
  return <p class="problem" role="alert">{problem.detail ?? problem.title}</p>;
}

// ---- dialogs ----

/** Over everything else, until it is closed: Escape and the button do so; the focus goes back. */
export function Dialog({ title, onClose, children, wide }:
    { title: string; onClose(): void; children: ComponentChildren; wide?: boolean }) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current!;
    const back = document.activeElement as HTMLElement | null;
    dialog.showModal();
    return () => { dialog.close(); back?.focus?.(); };
  }, []);
  return (
    <dialog ref={ref} class={wide ? 'wide' : ''} aria-labelledby={id}
            onCancel={(e) => { e.preventDefault(); onClose(); }}
            onKeyDown={(e) => { if (e.key === 'Escape') e.stopPropagation(); /* closes this, and nothing around it */ }}
            onClick={(e) => { if (e.target === ref.current) onClose(); }}>
      <div class="dialog">
        <header><h2 id={id}>{title}</h2><Button kind="bare" icon="close" label={t('close')} onClick={onClose} /></header>
        {children}
      </div>
    </dialog>
  );
}

/** Asks before what cannot be undone. */
export function Confirm({ title, children, yes, onYes, onClose }:
    { title: string; children: ComponentChildren; yes: string; onYes(): void; onClose(): void }) {
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <footer class="actions">
        <Button onClick={onClose}>{t('keep')}</Button>
        <Button kind="danger" onClick={() => { onYes(); onClose(); }}>{yes}</Button>
      </footer>
    </Dialog>
  );
}

// ---- what was done, and the way back ----

interface Toast { id: number; text: string; bad: boolean; undo?: () => void; until: number }
const toasts = signal<Toast[]>([]);
let lastToast = 0;

/** Says something for some seconds; with `undo`, a button takes it back meanwhile. */
export function say(text: string, { bad = false, undo }: { bad?: boolean; undo?: () => void } = {}): void {
  const id = ++lastToast;
  const ms = bad ? 10_000 : 6000;
  toasts.value = [...toasts.value.slice(-2), { id, text, bad, undo, until: Date.now() + ms }];
  setTimeout(() => dismiss(id), ms);
}

const dismiss = (id: number) => { toasts.value = toasts.value.filter((x) => x.id !== id); };

/** The newest undo that is still offered, for the keyboard. */
export function undoLast(): void {
  const toast = toasts.value.findLast((x) => x.undo);
  if (!toast) return;
  dismiss(toast.id);
  toast.undo?.();
}

/** What went wrong, in words. */
export const complain = (e: unknown) =>
  say(e instanceof Refused ? e.message : t('no_connection'), { bad: true });

export function Toasts() {
  return (
    <div class="toasts" role="status">
      {toasts.value.map((x) => (
        <div key={x.id} class={x.bad ? 'toast bad' : 'toast'}>
          {x.bad && <Icon name="warn" />}
          <span>{x.text}</span>
          {x.undo && <Button icon="undo" onClick={() => { dismiss(x.id); x.undo!(); }}>{t('undo')}</Button>}
          <Button kind="bare" icon="close" label={t('close')} onClick={() => dismiss(x.id)} />
        </div>
      ))}
    </div>
  );
}

// ---- what is there before the data ----

export function Loading() {
  return <p class="loading" role="status">{t('loading')}</p>;
}

export function Empty({ icon, children }: { icon: IconName; children: ComponentChildren }) {
  return <div class="empty"><Icon name={icon} /><p>{children}</p></div>;
}

/** Loads once, and again by reload(); `data` is undefined until it is there. */
export function useLoad<T>(load: () => Promise<T>, deps: readonly unknown[] = []) {
  const [data, setData] = useState<T>();
  const [failed, setFailed] = useState<string>();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let gone = false;
    load().then((d) => { if (!gone) { setData(d); setFailed(undefined); } },
                (e: Error) => { if (!gone) setFailed(e instanceof Refused ? e.message : t('no_connection')); });
    return () => { gone = true; };
  }, [...deps, turn]);
  return { data, failed, setData, reload: () => setTurn((n) => n + 1) };
}

export function Failed({ text, again }: { text: string; again(): void }) {
  return <div class="empty"><Icon name="warn" /><p>{text}</p><Button onClick={again}>{t('try_again')}</Button></div>;
}
