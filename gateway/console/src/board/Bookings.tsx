// Bookings.tsx - the bookings of a day: who is expected, who has said that they come, who is here.
import { useEffect, useState } from 'preact/hooks';
import type { Booking } from '../api';
import { dayKey, dayText, momentAt, now, timeKey, timeText } from '../clock';
import { busyAbout } from '../outbox';
import { Button, Dialog, Empty, Field, FormProblem, Icon, Select, useForm } from '../ui';
import { languageNames, named, t } from '../words/words';
import { bookings, day, lastWords, readBookings } from './visits';
import { doBooking, nameOf, saveBooking } from './deeds';
import { opened, openRow } from './open';

const DAY_MS = 86_400_000;
const shownDay = () => day.value || dayKey(Date.now());

function move(days: number): void {
  day.value = dayKey(Date.parse(`${shownDay()}T12:00:00Z`) + days * DAY_MS);
}

/** A new booking, or what is known of one. */
function BookingForm({ b, onClose }: { b: Booking | null; onClose(): void }) {
  const [date, setDate] = useState(b ? dayKey(Date.parse(b.starts_at)) : shownDay());
  const [time, setTime] = useState(b ? timeKey(Date.parse(b.starts_at)) : '19:00');
  const [name, setName] = useState(b?.name ?? '');
  const [size, setSize] = useState(String(b?.size ?? 2));
  const [phone, setPhone] = useState('');
  const [notes, setNotes] = useState(b?.notes ?? '');
  const [tongue, setTongue] = useState<string>(b?.language ?? '');
  const { submit, busy, problem, of } = useForm(async () => {
    const starts_at = momentAt(date, time);
    await saveBooking(b, {
      size: Number(size), name, notes, ...(tongue && { language: tongue }),
      ...((!b || starts_at !== new Date(b.starts_at).toISOString()) && { starts_at }), ...(phone && { phone }),
    });
    onClose();
  });
  return (
    <Dialog title={b ? t('edit_who', { name: nameOf(b) }) : t('new_booking')} onClose={onClose}>
      <form onSubmit={submit} class="form">
        {!b && <Field label={t('phone')} type="tel" value={phone} problem={of('phone')} onInput={(e) => setPhone(e.currentTarget.value)} />}
        <Field label={t('name')} value={name} problem={of('name')} onInput={(e) => setName(e.currentTarget.value)} />
        <Field label={t('size')} type="number" min={1} max={99} value={size} problem={of('size')} onInput={(e) => setSize(e.currentTarget.value)} />
        <Field label={t('date')} type="date" required value={date} problem={of('starts_at')} onInput={(e) => setDate(e.currentTarget.value)} />
        <Field label={t('time')} type="time" required value={time} onInput={(e) => setTime(e.currentTarget.value)} />
        <Field label={t('notes')} value={notes} onInput={(e) => setNotes(e.currentTarget.value)} />
        <Select label={t('their_language')} value={tongue} onChange={(e) => setTongue(e.currentTarget.value)}
                options={[...(b ? [] : [['', t('usual')] as const]), ...Object.entries(languageNames)]} />
        <FormProblem problem={problem} fields={['phone', 'name', 'size', 'starts_at']} />
        <footer class="actions">
          <Button onClick={onClose}>{t('cancel_form')}</Button>
          <Button kind="main" type="submit" busy={busy}>{t('save')}</Button>
        </footer>
      </form>
    </Dialog>
  );
}

function BookingRow({ b, onEdit }: { b: Booking; onEdit(): void }) {
  const busy = busyAbout(b.id);
  const due = b.ended_at === null;
  const late = due && Date.parse(b.starts_at) < now.value;
  const name = nameOf(b);
  return (
    <li class={`row booking ${b.guest?.unread ? 'has-unread' : ''} ${opened.value === b.id ? 'open' : ''} ${due ? '' : 'ended'}`} data-id={b.id}>
      <time class="when" dateTime={b.starts_at}>{timeText(b.starts_at)}</time>
      <button type="button" class="who" onClick={() => openRow(b.id)}>
        <span class="hidden">{t('open')} </span>
        <span class="name" dir="auto">{name}</span>
        <span class="size"><Icon name="people" />{b.size}</span>
      </button>
      <span class="badges">
        <span class={`badge state-${b.state}`}>{named('booking_state', b.state)}</span>
        {late && b.state !== 'arrived' && <span class="badge warn"><Icon name="clock" />{t('late')}</span>}
        {b.says && <span class="badge warn">{t('says', { word: b.says })}</span>}
        {b.guest?.consent === 'stopped' && <span class="badge"><Icon name="mute" />{t('no_texts')}</span>}
        {b.tags.map((tag) => <span key={tag} class="badge tag">{tag}</span>)}
        {b.notes && <span class="notes" dir="auto">{b.notes}</span>}
      </span>
      {Boolean(b.guest?.unread) && (
        <button type="button" class="unread" onClick={() => openRow(b.id)}>
          <Icon name="chat" /><b>{b.guest!.unread}</b><span class="words" dir="auto">{lastWords.value[b.guest!.id] ?? t('new_reply')}</span>
        </button>
      )}
      {b.text && <span class="sent"><Icon name="chat" /><span>{named('kind', b.text.kind)}: {named('message', b.text.state)}</span></span>}
      <span class="do">
        {due ? <>
          <Button kind="main" icon="check" busy={busy} label={t('arrive_who', { name })} onClick={() => void doBooking(b, 'arrive')}>{t('here')}</Button>
          {b.state !== 'confirmed' && <Button busy={busy} label={t('confirm_who', { name })} onClick={() => void doBooking(b, 'confirm')}>{t('confirm')}</Button>}
          {late && <Button busy={busy} onClick={() => void doBooking(b, 'no-show')}>{t('no_show')}</Button>}
          <Button icon="edit" label={t('edit_who', { name })} onClick={onEdit} />
          <Button icon="close" busy={busy} label={t('cancel_who', { name })} onClick={() => void doBooking(b, 'cancel')} />
        </> : <Button icon="undo" busy={busy} onClick={() => void doBooking(b, 'undo')}>{t('undo')}</Button>}
      </span>
    </li>
  );
}

export function Bookings() {
  const [form, setForm] = useState<Booking | 'new' | null>(null);
  useEffect(() => { void readBookings().catch(() => undefined); }, [day.value]);
  const shown = bookings.value.filter((b) => dayKey(Date.parse(b.starts_at)) === shownDay());
  const people = shown.filter((b) => b.ended_at === null).reduce((n, b) => n + b.size, 0);
  return (
    <section aria-label={t('bookings')}>
      <div class="toolbar">
        <Button icon="left" label={t('day_before')} onClick={() => move(-1)} />
        <h2 class="day">{dayText(`${shownDay()}T12:00:00Z`)}</h2>
        <Button icon="left" class="flip" label={t('day_after')} onClick={() => move(1)} />
        <span class="sum">{t('n_bookings', { n: shown.length })} · {t('n_guests', { n: people })}</span>
        <Button kind="main" icon="plus" onClick={() => setForm('new')}>{t('new_booking')}</Button>
      </div>
      {shown.length === 0 ? <Empty icon="calendar">{t('no_bookings')}</Empty> : (
        <ul class="rows">{shown.map((b) => <BookingRow key={b.id} b={b} onEdit={() => setForm(b)} />)}</ul>
      )}
      {form && <BookingForm b={form === 'new' ? null : form} onClose={() => setForm(null)} />}
    </section>
  );
}
