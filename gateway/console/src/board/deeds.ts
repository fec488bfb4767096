// deeds.ts - what staff do with parties and bookings: each is one call, sent by outbox.ts, and says what came of
// it: whether the guest was texted, and if not, why.
import { signal } from '@preact/signals';
import { type Booking, type Party, type Told } from '../api';
import { act, busyAbout, isWaiting } from '../outbox';
import { complain, say } from '../ui';
import { t, type Word } from '../words/words';
import { changed, changedBooking, gone } from './visits';

/** Seconds in which a notice can be taken back, before it leaves. */
export const UNDO_S = 5;

interface PartyAnswer { party: Party; changed: boolean; text: Told }
interface BookingAnswer { booking: Booking; changed: boolean; text: Told }

/** Parties that were just called or ended, for the mark that shows which row it was. */
export const justDone = signal<string>('');

export const nameOf = (v: { name: string }) => v.name || t('no_name');

/** Why the guest was not told, when staff would expect that they were. */
function tell(told: Told, texts: boolean): void {
  const quiet = ['unchanged', 'not_asked'];
  if (!texts || !('why' in told) || quiet.includes(told.why)) return;
  say(`${t('not_texted')} ${told.detail}`, { bad: told.why !== 'just_notified' });
}

interface PartyDeed {
  action: string;
  label: Word;
  body?: Record<string, unknown>;
  texts?: boolean;
  done?: Word; // what is said afterwards, with an undo
}

/** The party as it is afterwards; null: nothing was done. */
async function doParty(p: Party, { action, label, body = {}, texts = false, done }: PartyDeed): Promise<Party | null> {
  const path = `/v1/parties/${p.id}/${action}`;
  // a second tap does nothing; but an undo may follow at once what it undoes
  if (action === 'undo' ? isWaiting(path) : busyAbout(p.id)) return null;
  try {
    const answer = await act<PartyAnswer>({ path, body, about: p.id, texts, label: t(label, { name: nameOf(p) }) });
    changed(answer.party);
    justDone.value = p.id;
    tell(answer.text, texts);
    if (done) say(t(done, { name: nameOf(p) }), { undo: () => void undo(answer.party) });
    return answer.party;
  } catch (e) {
    complain(e);
    return null;
  }
}

export const notify = (p: Party, channel?: 'voice') => doParty(p, {
  action: 'notify', label: channel ? 'do.call' : 'do.notify', texts: true,
  body: { undo_s: UNDO_S, ...(channel && { channel }) },
});
export const seat = (p: Party, where?: string) =>
  doParty(p, { action: 'seat', label: 'do.seat', body: where ? { seat: where } : {}, done: 'done.seat' });
export const noShow = (p: Party) => doParty(p, { action: 'no-show', label: 'do.no_show', texts: true, done: 'done.no_show' });
export const cancel = (p: Party, by: 'guest' | 'staff') =>
  doParty(p, { action: 'cancel', label: 'do.cancel', body: { by }, done: 'done.cancel' });
export const moreTime = (p: Party, minutes?: number) =>
  doParty(p, { action: 'more-time', label: 'do.more_time', body: minutes ? { minutes } : {}, texts: true });
export const coming = (p: Party) => doParty(p, { action: 'coming', label: 'do.coming', body: { by: 'guest' } });
export const accept = (p: Party) => doParty(p, { action: 'accept', label: 'do.accept', texts: true });
export const moveBehind = (p: Party, after: string | null) =>
  doParty(p, { action: 'move', label: 'do.move', body: after ? { after } : {} });

/** Takes back the last thing; says so when a text had left by then. */
export async function undo(p: Party): Promise<void> {
  const after = await doParty(p, { action: 'undo', label: 'do.undo' });
  const notice = after?.text && ['table_ready', 'second_notice'].includes(after.text.kind) ? after.text : null;
  if (p.ended_at === null && notice && !['queued', 'cancelled'].includes(notice.state)) say(t('text_had_left'), { bad: true });
}

export async function callNext(size: number): Promise<void> {
  try {
    const { party, text } = await act<PartyAnswer>({
      path: '/v1/parties/next', body: { at_most: size, undo_s: UNDO_S }, label: t('do.next', { n: size }), texts: true,
    });
    changed(party);
    justDone.value = party.id;
    tell(text, true);
  } catch (e) {
    complain(e);
  }
}

/** Throws Refused, for the form. */
export async function addParty(body: Record<string, unknown>): Promise<void> {
  const { party, text } = await act<PartyAnswer>({
    path: '/v1/parties', body, label: t('do.add', { name: String(body.name || t('no_name')) }), texts: true,
  });
  changed(party);
  justDone.value = party.id;
  tell(text, Boolean(body.phone));
}

export async function changeParty(p: Party, body: Record<string, unknown>): Promise<void> {
  const answer = await act<PartyAnswer>({
    path: `/v1/parties/${p.id}`, method: 'PATCH', body: { ...body, version: p.version }, about: p.id,
    label: t('do.change', { name: nameOf(p) }),
  });
  changed(answer.party);
}

export async function deleteParty(p: Party): Promise<void> {
  try {
    await act({ path: `/v1/parties/${p.id}`, method: 'DELETE', about: p.id, label: t('do.delete', { name: nameOf(p) }) });
    gone(p.id);
  } catch (e) {
    complain(e);
  }
}

// ---- bookings ----

export async function doBooking(b: Booking, action: 'confirm' | 'cancel' | 'arrive' | 'no-show' | 'undo',
                                body: Record<string, unknown> = {}): Promise<void> {
  if (busyAbout(b.id)) return;
  const undoes = action !== 'undo' && action !== 'confirm';
  try {
    const { booking, text } = await act<BookingAnswer>({
      path: `/v1/bookings/${b.id}/${action}`, body, about: b.id,
      label: t(`booking.${action}` as Word, { name: nameOf(b) }),
    });
    changedBooking(booking);
    tell(text, action === 'cancel');
    if (undoes && action !== 'arrive')
      say(t('done.booking', { name: nameOf(b) }), { undo: () => void doBooking(booking, 'undo') });
    else if (action === 'arrive') say(t('done.arrive', { name: nameOf(b) }));
  } catch (e) {
    complain(e);
  }
}

/** Throws Refused, for the form. */
export async function saveBooking(b: Booking | null, body: Record<string, unknown>): Promise<void> {
  const { booking, text } = await act<BookingAnswer>(b
    ? { path: `/v1/bookings/${b.id}`, method: 'PATCH', body: { ...body, version: b.version }, about: b.id,
        label: t('do.change', { name: nameOf(b) }) }
    : { path: '/v1/bookings', body, label: t('do.book', { name: String(body.name ?? '') }) });
  changedBooking(booking);
  tell(text, Boolean(body.phone));
}

// ---- the thread ----

export async function write(thread: string, body: string, label: string): Promise<boolean> {
  try {
    await act({ path: `/v1/conversations/${thread}/messages`, body: { body }, about: '', label, texts: true });
    return true;
  } catch (e) {
    complain(e);
    return false;
  }
}
