// AddParty.tsx - putting a party down in seconds: number, name, size, Enter. Who was here before fills in.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { get, post, type Schema } from '../api';
import { account } from '../session';
import { Button, Field, FormProblem, Select, useForm } from '../ui';
import { languageNames, t } from '../words/words';
import { addParty } from './deeds';

type Guest = Schema<'Guest'>;

const SIZES = [1, 2, 3, 4, 5, 6, 7, 8];
const DIGITS_OF_A_NUMBER = 10;

/** Looks a number up when it looks complete; a guest's number never stands in an address. */
function useKnownGuest(phone: string): Guest | null {
  const [guest, setGuest] = useState<Guest | null>(null);
  useEffect(() => {
    setGuest(null);
    if (phone.replace(/\D/g, '').length < DIGITS_OF_A_NUMBER) return;
    let gone = false;
    const timer = setTimeout(() => {
      post<Guest>('/v1/guests/find', { phone }).then((g) => { if (!gone) setGuest(g); }, () => undefined);
    }, 150);
    return () => { gone = true; clearTimeout(timer); };
  }, [phone]);
  return guest;
}

/** What a party of this size would wait, in minutes. */
function useEstimate(size: number): number | null {
  const [minutes, setMinutes] = useState<number | null>(null);
  useEffect(() => {
    let gone = false;
    get<Schema<'Wait'>>(`/v1/wait?size=${size}`).then((w) => { if (!gone) setMinutes(w.minutes); }, () => undefined);
    return () => { gone = true; };
  }, [size]);
  return minutes;
}

export function AddParty({ onDone }: { onDone(): void }) {
  const [phone, setPhone] = useState('');
  const [name, setName] = useState('');
  const [size, setSize] = useState(2);
  const [quote, setQuote] = useState('');
  const [notes, setNotes] = useState('');
  const [tongue, setTongue] = useState('');
  const [more, setMore] = useState(false);
  const first = useRef<HTMLFormElement>(null);
  const guest = useKnownGuest(phone);
  const estimate = useEstimate(size);

  useLayoutEffect(() => first.current?.querySelector('input')?.focus(), []);
  useEffect(() => { if (guest?.name && !name) setName(guest.name); }, [guest]);

  const { submit, busy, problem, of } = useForm(async () => {
    await addParty({
      size, ...(phone && { phone }), ...(name && { name }), ...(quote && { quote_max: Number(quote) }),
      ...(notes && { notes }), ...(tongue && { language: tongue }),
    });
    onDone();
  });

  return (
    <form ref={first} class="add" onSubmit={submit} aria-label={t('add_party')}
          onKeyDown={(e) => { if (e.key === 'Escape') { e.stopPropagation(); onDone(); } }}>
      <Field label={t('phone')} type="tel" inputMode="tel" autoComplete="off" value={phone} problem={of('phone')}
             onInput={(e) => setPhone(e.currentTarget.value)}
             hint={guest ? t('known_guest', { n: guest.visits }) + (guest.notes ? ` ${guest.notes}` : '') : undefined} />
      <Field label={t('name')} autoComplete="off" value={name} problem={of('name')} maxLength={100}
             onInput={(e) => setName(e.currentTarget.value)} />
      <fieldset class="sizes">
        <legend>{t('size')}</legend>
        {SIZES.map((n) => (
          <label key={n} class={n === size ? 'chosen' : ''}>
            <input type="radio" name="size" value={n} checked={n === size} onChange={() => setSize(n)} />{n}
          </label>
        ))}
        <input type="number" min={1} max={99} value={size} aria-label={t('size')} class="other"
               onInput={(e) => setSize(Number(e.currentTarget.value) || 1)} />
      </fieldset>
      <Field label={t('quote')} type="number" inputMode="numeric" min={0} max={600} value={quote} problem={of('quote_max')}
             placeholder={estimate === null ? '' : t('about_min', { n: estimate })}
             onInput={(e) => setQuote(e.currentTarget.value)} />
      {more && (
        <>
          <Field label={t('notes')} value={notes} maxLength={500} onInput={(e) => setNotes(e.currentTarget.value)} />
          <Select label={t('their_language')} value={tongue} onChange={(e) => setTongue(e.currentTarget.value)}
                  options={[['', guest?.language ? languageNames[guest.language] : t('usual')], ...Object.entries(languageNames)]} />
        </>
      )}
      <div class="actions">
        <FormProblem problem={problem} fields={['phone', 'name', 'quote_max']} />
        {!more && <Button icon="more" onClick={() => setMore(true)}>{t('more')}</Button>}
        <Button onClick={onDone}>{t('cancel_form')}</Button>
        <Button kind="main" icon="plus" type="submit" busy={busy}>{t('add')}</Button>
      </div>
      {phone && guest?.consent === 'stopped' && <p class="problem">{t('guest_stopped')}</p>}
      {phone && !guest && <p class="hint consent">{t('ask_consent', { venue: account.value?.name ?? '' })}</p>}
    </form>
  );
}
