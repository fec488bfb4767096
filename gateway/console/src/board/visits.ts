// visits.ts - the board's data: parties in the order of the line, and bookings, kept as the gateway has them by
// its stream of events. Components only read; staff's deeds go through outbox.ts and come back as events.
import { batch, computed, signal, type Signal } from '@preact/signals';
import { all, get, type Booking, type Message, type Party, type Schema } from '../api';
import { remembered } from '../device';
import { account, onLeave } from '../session';
import { listen, type Heard } from '../stream';
import { flush } from '../outbox';

/** Ids in their order, and each row by its id: a row that changes re-renders alone. */
export const order = signal<string[]>([]);
const rows = new Map<string, Signal<Party>>();
export const bookings = signal<Booking[]>([]);
export const day = signal(''); // the bookings shown: 2026-11-22; '': today
export const loaded = signal(false);

/** The last thing that a guest wrote, by their thread: for the row, until somebody reads it. */
export const lastWords = signal<Record<string, string>>({});

/** Told of each reply once, as it comes: sound, title and live region. */
export const onReply = new Set<(m: Message) => void>();

export const party = (id: string): Signal<Party> | undefined => rows.get(id);
export const parties = computed(() => order.value.flatMap((id) => rows.get(id)?.value ?? []));

/** The latest threads. Who wrote and has no row on the board is shown above it: nothing is heard that leads nowhere. */
export type Listed = Schema<'ConversationList'>['data'][number];
export const threads = signal<Listed[]>([]);
export const strangers = computed(() => {
  const known = new Set([...parties.value, ...bookings.value].map((v) => v.guest?.id));
  return threads.value.filter((c) => c.unread > 0 && !known.has(c.id));
});
export const unread = computed(() =>
  [...parties.value, ...bookings.value].reduce((n, v) => n + (v.guest?.unread ?? 0), 0)
  + strangers.value.reduce((n, c) => n + c.unread, 0));

// ---- what was read stays, for when there is no connection ----

interface Kept { account: string; at: number; parties: Party[]; bookings: Booking[] }
const kept = remembered<Kept | null>('board', null);
let keeping = 0;

/** At most every two seconds, also while things happen all the time. */
function keep(): void {
  keeping ||= window.setTimeout(() => {
    keeping = 0;
    kept.value = { account: account.value?.id ?? '', at: Date.now(), parties: parties.value, bookings: bookings.value };
  }, 2000);
}

// ---- parties ----

const open = (p: Party) => p.ended_at === null;

/** An answer or event of a party: the newer version stays. Says whether the order of the line is to be read. */
function put(p: Party): boolean {
  const row = rows.get(p.id);
  if (row && row.value.version > p.version) return false;
  if (!open(p)) {
    if (row) {
      order.value = order.value.filter((id) => id !== p.id);
      rows.delete(p.id);
    }
    return false;
  }
  if (!row) {
    rows.set(p.id, signal(p));
    order.value = [...order.value, p.id];
    return true;
  }
  const before = row.value;
  row.value = p;
  // whoever was moved is the same but for the version
  return p.version > before.version &&
    JSON.stringify({ ...p, version: 0, text: null }) === JSON.stringify({ ...before, version: 0, text: null });
}

export function changed(p: Party): void {
  if (put(p)) readSoon();
  keep();
}

export function gone(id: string): void {
  rows.delete(id);
  order.value = order.value.filter((other) => other !== id);
}

export function changedBooking(b: Booking): void {
  const others = bookings.value.filter((other) => other.id !== b.id);
  bookings.value = [...others, b].sort((x, y) => x.starts_at.localeCompare(y.starts_at));
  keep();
}

function fill(found: Party[]): void {
  batch(() => {
    const ids = new Set(found.map((p) => p.id));
    for (const id of rows.keys()) if (!ids.has(id)) rows.delete(id);
    for (const p of found) {
      const row = rows.get(p.id);
      if (!row) rows.set(p.id, signal(p));
      else if (row.value.version <= p.version) row.value = p;
    }
    order.value = found.map((p) => p.id);
  });
}

// ---- reading ----

let reading: Promise<void> | null = null;
let again = false;
let timer = 0;

export async function readBookings(): Promise<void> {
  const days = day.value ? `?from=${day.value}&to=${day.value}` : '';
  bookings.value = await all<Booking>(`/v1/bookings${days}`);
}

async function readThreads(): Promise<void> {
  threads.value = (await get<Schema<'ConversationList'>>('/v1/conversations?limit=50')).data;
}

async function readAll(): Promise<void> {
  const [found] = await Promise.all([all<Party>('/v1/parties'), readBookings(), readThreads()]);
  fill(found);
  loaded.value = true;
  keep();
}

/** Reads the whole board; while it is being read, once more afterwards. */
export async function read(): Promise<void> {
  if (reading) {
    again = true;
    return reading;
  }
  reading = readAll().catch(() => readSoon(3000)).finally(() => {
    reading = null;
    if (again) {
      again = false;
      readSoon();
    }
  });
  return reading;
}

function readSoon(ms = 200): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => void read(), ms);
}

/** What the gateway says of one visit, its unread replies too. */
async function readOne(v: Party | Booking): Promise<void> {
  try {
    if ('starts_at' in v) changedBooking(await get<Booking>(`/v1/bookings/${v.id}`));
    else changed(await get<Party>(`/v1/parties/${v.id}`));
  } catch {
    // gone, or no connection: the stream says so
  }
}

// ---- what happens ----

/** The rows whose guest has this thread. */
const withGuest = <V extends Party | Booking>(visits: V[], thread: string) => visits.filter((v) => v.guest?.id === thread);

function heardMessage(type: string, m: Message): void {
  if (type === 'message.received') {
    lastWords.value = { ...lastWords.value, [m.conversation_id]: m.body };
    const theirs = withGuest<Party | Booking>([...parties.value, ...bookings.value], m.conversation_id);
    for (const v of theirs) void readOne(v);
    if (theirs.length === 0) readThreads().catch(() => readSoon(3000));
    for (const tell of onReply) tell(m);
    return;
  }
  const row = m.visit ? rows.get(m.visit) : undefined;
  const text = row?.value.text;
  if (row && text && text.id === m.id)
    row.value = { ...row.value, text: { ...text, state: m.state, code: m.code, reason: m.reason } };
}

function heardConsent(c: { id: string; unread: number; consent: 'open' | 'flagged' | 'stopped' }): void {
  const { id, unread, consent } = c;
  threads.value = threads.value.map((x) =>
    x.id === id ? { ...x, unread, flagged: consent === 'flagged', opted_out: consent === 'stopped' } : x);
  for (const p of withGuest(parties.value, c.id)) {
    const row = rows.get(p.id);
    if (row && p.guest) row.value = { ...p, guest: { ...p.guest, unread: c.unread, consent: c.consent } };
  }
  bookings.value = bookings.value.map((b) =>
    b.guest?.id === c.id ? { ...b, guest: { ...b.guest, unread: c.unread, consent: c.consent } } : b);
}

/** For threads that are open: told of every message. */
export const onMessage = new Set<(m: Message) => void>();

function heard({ type, data }: Heard): void {
  const [what] = type.split('.');
  if (!data) return readSoon(); // it was deleted
  if (what === 'party') changed(data as Party);
  else if (what === 'booking') changedBooking(data as Booking);
  else if (what === 'conversation') heardConsent(data as Parameters<typeof heardConsent>[0]);
  else if (what === 'message') {
    heardMessage(type, data as Message);
    for (const tell of onMessage) tell(data as Message);
  }
}

/** From now on the board follows what happens, until close() is called. */
export function follow(): { close(): void } {
  const k = kept.value;
  if (k && k.account === account.value?.id && !loaded.value) {
    fill(k.parties);
    bookings.value = k.bookings;
    loaded.value = true;
  }
  return listen({ heard, missed: () => { void read(); void flush(); } });
}

onLeave.add(() => {
  kept.value = null;
  clearTimeout(keeping);
  keeping = 0;
  clearTimeout(timer);
  batch(() => {
    rows.clear();
    order.value = [];
    bookings.value = [];
    lastWords.value = {};
    threads.value = [];
    loaded.value = false;
  });
});
