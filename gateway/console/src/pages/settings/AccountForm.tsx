// AccountForm.tsx - some of the account's settings as a form: what was changed is saved, and no more.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { patch, type Account } from '../../api';
import { settings } from '../../Page';
import { Button, Check, Field, FormProblem, say, Select, useForm } from '../../ui';
import { t } from '../../words/words';
import { zone } from '../../clock';
import { Section } from '../parts';
import { called, w, type PageWord } from '../words';

type Name = keyof Account;
type Value = Account[Name];

/** A field for a setting; its label is the word of that name, its hint `hint.name` where there is one. */
export interface Fields {
  text(name: Name, more?: object): ComponentChildren;
  number(name: Name, min: number, max: number): ComponentChildren;
  check(name: Name): ComponentChildren;
  choice(name: Name, options: readonly (readonly [string, string])[]): ComponentChildren;
  value<N extends Name>(name: N): Account[N];
  set(name: Name, value: Value): void;
  of(name: Name): string | false | undefined;
}

const hint = (name: string) => {
  const text = called('hint', name);
  return text === name.replaceAll('_', ' ') ? undefined : text;
};

export function AccountForm({ title, children }: { title: string; children(f: Fields): ComponentChildren }) {
  const account = settings.value!;
  const [changed, setChanged] = useState<Partial<Record<Name, Value>>>({});
  const { submit, busy, problem, of } = useForm(async () => {
    settings.value = await patch<Account>('/v1/account', changed);
    zone.value = settings.value.zone;
    setChanged({});
    say(w('saved'));
  });
  const shown: Name[] = [];
  const value = <N extends Name>(name: N) => (name in changed ? changed[name] : account[name]) as Account[N];
  const set = (name: Name, next: Value) => setChanged((now) => {
    const { [name]: _, ...others } = now;
    return JSON.stringify(next) === JSON.stringify(account[name]) ? others : { ...others, [name]: next };
  });
  const about = (name: Name) => {
    shown.push(name);
    return { label: w(name as PageWord), hint: hint(name) };
  };
  const fields: Fields = {
    value, set, of,
    text: (name, more) => (
      <Field {...about(name)} {...more} value={(value(name) as string | null) ?? ''} problem={of(name)}
             onInput={(e) => set(name, e.currentTarget.value || (account[name] === null ? null : ''))} />
    ),
    number: (name, min, max) => (
      <Field {...about(name)} type="number" inputMode="numeric" min={min} max={max} required value={String(value(name))} problem={of(name)}
             onInput={(e) => set(name, (e.currentTarget.value === '' ? '' : Number(e.currentTarget.value)) as Value)} />
    ),
    check: (name) => <Check {...about(name)} checked={value(name) as boolean} onChange={(e) => set(name, e.currentTarget.checked)} />,
    choice: (name, options) => (
      <Select {...about(name)} value={value(name) as string} options={options} onChange={(e) => set(name, e.currentTarget.value)} />
    ),
  };
  const body = children(fields);
  const touched = Object.keys(changed).length > 0;
  return (
    <form onSubmit={submit} class="form">
      <Section title={title}>
        {body}
        <FormProblem problem={problem} fields={shown} />
        <footer class="actions">
          {touched && <Button onClick={() => setChanged({})}>{t('cancel_form')}</Button>}
          <Button kind="main" type="submit" busy={busy}>{t('save')}</Button>
        </footer>
      </Section>
    </form>
  );
}
