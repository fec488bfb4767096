// Privacy.tsx - how long guests' data is kept, and what is kept of one guest: shown, handed over, erased.
import { useState } from 'preact/hooks';
import { get, post, type Schema } from '../../api';
import { dayTimeText } from '../../clock';
import { Button, Confirm, Field, FormProblem, say, useForm } from '../../ui';
import { saveFile, Section, State, useAct } from '../parts';
import { called, w } from '../words';
import { AccountForm } from './AccountForm';

type Guest = Schema<'Guest'>;

function Found({ g, onErased }: { g: Guest; onErased(): void }) {
  const [sure, setSure] = useState(false);
  const { doing, act } = useAct();
  const name = g.name || g.phone;
  const take = () => act('export', async () => {
    const all = await get<Schema<'GuestExport'>>(`/v1/guests/${g.id}/export`);
    saveFile(`guest-${g.id}.json`, new Blob([JSON.stringify(all, null, 2)], { type: 'application/json' }));
  });
  const erase = () => act('erase', async () => {
    const done = await post<Schema<'GuestErased'>>(`/v1/guests/${g.id}/erase`);
    say(w('erased', { n: done.messages }));
    onErased();
  });
  return (
    <div class="found">
      <p class="tags"><b dir="auto">{name}</b> <State kind={g.consent === 'open' ? 'good' : 'warn'}>{called('consent', g.consent)}</State></p>
      <p class="hint">{g.phone} · {w('n_visits', { n: g.visits })}{g.last_visit_at && ` · ${w('last_visit', { time: dayTimeText(g.last_visit_at) })}`}</p>
      {g.notes && <p dir="auto">{g.notes}</p>}
      <p class="actions left">
        <Button icon="down" busy={doing === 'export'} onClick={take}>{w('export')}</Button>
        <Button icon="close" kind="danger" busy={doing === 'erase'} onClick={() => setSure(true)}>{w('erase')}</Button>
      </p>
      {sure && <Confirm title={w('erase_who', { name })} yes={w('erase')} onYes={erase} onClose={() => setSure(false)}><p>{w('erase_why')}</p></Confirm>}
    </div>
  );
}

function OneGuest() {
  const [phone, setPhone] = useState('');
  const [guest, setGuest] = useState<Guest | null>(null);
  const { submit, busy, problem, of } = useForm(async () => {
    setGuest(null);
    setGuest(await post<Guest>('/v1/guests/find', { phone }));
  });
  return (
    <Section title={w('one_guest')}>
      <p>{w('one_guest_how')}</p>
      <form class="inline" onSubmit={submit}>
        <Field label={w('their_number')} type="tel" value={phone} required autoComplete="off" problem={of('phone')} onInput={(e) => setPhone(e.currentTarget.value)} />
        <Button icon="search" type="submit" busy={busy}>{w('find')}</Button>
      </form>
      <FormProblem problem={problem} fields={['phone']} />
      {guest && <Found g={guest} onErased={() => { setGuest(null); setPhone(''); }} />}
    </Section>
  );
}

export function Privacy() {
  return (
    <>
      <AccountForm title={w('retention')}>{(f) => f.number('retain_days', 0, 3660)}</AccountForm>
      <OneGuest />
    </>
  );
}
