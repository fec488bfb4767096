// Board.tsx - the stand's screen: the line and the bookings, what waits for a connection, the thread beside it.
import { computed, effect, signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { Message, Party } from '../api';
import { minutesBetween, now, timeText } from '../clock';
import { sound } from '../device';
import { decide, late, waiting } from '../outbox';
import { account } from '../session';
import { line } from '../stream';
import { Button, Dialog, Empty, Icon, Loading, undoLast, complain, useLoad } from '../ui';
import { named, t } from '../words/words';
import { get } from '../api';
import { bookings, follow, loaded, onReply, order, parties, party, strangers, unread } from './visits';
import { AddParty } from './AddParty';
import { Bookings } from './Bookings';
import { callNext, nameOf, notify, noShow, moreTime, seat, undo, cancel } from './deeds';
import { opened, openRow } from './open';
import { Row } from './Row';
import { Thread } from './Thread';
import { Printed } from './Printed';

export const tab = signal<'line' | 'bookings' | 'ended'>('line');
const adding = signal(false);
const search = signal('');

// ---- replies cannot be missed ----

function beep(): void {
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const gain = audio.createGain();
  tone.frequency.value = 880;
  gain.gain.setValueAtTime(0.15, audio.currentTime);
  gain.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.4);
  tone.connect(gain).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.4);
  tone.onended = () => void audio.close();
}

/** Read aloud by screen readers: who wrote what. */
const heardNow = signal('');

function announce(m: Message): void {
  const who = [...parties.value, ...bookings.value].find((v) => v.guest?.id === m.conversation_id);
  heardNow.value = t('wrote', { name: who ? nameOf(who) : t('a_guest'), words: m.body });
  if (sound.value) try { beep(); } catch { /* a browser that plays nothing before a press */ }
}

/** What was heard last, for them. */
export const Heard = () => <p class="hidden" role="log" aria-live="polite">{heardNow.value}</p>;

/** While somebody is signed in, whatever page is open: follows the account, and tells of replies. */
export function attend(): () => void {
  const followed = follow();
  onReply.add(announce);
  return () => { followed.close(); onReply.delete(announce); };
}

export const title = computed(() => (unread.value ? `(${unread.value}) ` : '') + (account.value?.name ?? 'maitred'));

// ---- above the line ----

function Counts() {
  const list = parties.value.filter((p) => p.state !== 'pending');
  const guests = list.reduce((n, p) => n + p.size, 0);
  const longest = list.reduce((most, p) => Math.max(most, minutesBetween(Date.parse(p.joined_at ?? p.created_at), now.value)), 0);
  return (
    <p class="sum">{t('n_parties', { n: list.length })} · {t('n_guests', { n: guests })}
      {list.length > 0 && ` · ${t('longest', { n: longest })}`}</p>
  );
}

/** Whether what is shown is how it is; if not, since when. */
export function Live() {
  const { live, since } = line.value;
  const n = waiting.value.length;
  return (
    <span class={live ? 'live' : live === null ? 'live stale first' : 'live stale'} role="status">
      {live ? <><span class="dot" />{t('live')}</> : live === null ? t('loading') : <><Icon name="warn" />{t('stale_since', { time: timeText(since) })}</>}
      {n > 0 && !live && <span class="badge warn">{t('n_waiting', { n })}</span>}
    </span>
  );
}

/** What staff did without a connection: it waits, visibly; what has waited too long asks. */
function Outbox() {
  const list = waiting.value.filter((a) => a.held || !line.value.live);
  if (list.length === 0 && late.value.length === 0) return null;
  return (
    <section class="outbox" aria-label={t('outbox')}>
      {list.map((a) => (
        <p key={a.key}><Icon name="clock" /><span>{a.label} · {timeText(a.at)} · {t(a.held ? 'held_back' : 'not_sent_yet')}</span>
          {a.held && <Button onClick={() => decide(a.key, true)}>{t('still_send')}</Button>}
          <Button icon="close" onClick={() => decide(a.key, false)}>{t('drop')}</Button></p>
      ))}
      {late.value.map((x, i) => (
        <p key={i} class="problem"><Icon name="warn" /><span>{x.label}: {x.problem.detail ?? x.problem.title}</span>
          <Button icon="close" onClick={() => { late.value = late.value.filter((y) => y !== x); }}>{t('close')}</Button></p>
      ))}
    </section>
  );
}

/** Who wrote and has no row here: seated long ago, or never on a list. Reading it takes it away. */
function Strangers() {
  if (strangers.value.length === 0) return null;
  return (
    <section class="strangers" aria-label={t('strangers')}>
      <h2>{t('strangers')}</h2>
      {strangers.value.map((c) => (
        <button key={c.id} type="button" onClick={() => openRow(c.id)}>
          <Icon name="chat" /><b dir="auto">{c.name ?? c.phone}</b> <span dir="auto">{c.last_message.body}</span>
          <time dateTime={c.last_message.created_at}>{timeText(c.last_message.created_at)}</time>
        </button>
      ))}
    </section>
  );
}

function Next() {
  const [size, setSize] = useState(4);
  return (
    <span class="next">
      <label>{t('table_for')} <select value={size} onChange={(e) => setSize(Number(e.currentTarget.value))}>
        {[2, 4, 6, 8, 12].map((n) => <option key={n} value={n} selected={n === size}>{n}</option>)}
      </select></label>
      <Button icon="bell" onClick={() => void callNext(size)}>{t('call_next')}</Button>
    </span>
  );
}

// ---- the line ----

const matches = (p: Party, words: string) =>
  `${p.name} ${p.guest?.phone ?? ''} ${p.tags.join(' ')} ${p.notes} ${p.id}`.toLowerCase().includes(words.toLowerCase());

function Line() {
  const ids = order.value;
  const shown = search.value ? ids.filter((id) => { const p = party(id)?.value; return p && matches(p, search.value); }) : ids;
  const places = computedPlaces.value;
  if (!loaded.value) return <Loading />;
  if (ids.length === 0) return <Empty icon="list">{t('nobody_waits')}</Empty>;
  if (shown.length === 0) return <Empty icon="search">{t('nobody_found')}</Empty>;
  return (
    <ul class="rows line">
      {shown.map((id) => {
        const at = ids.indexOf(id);
        return <Row key={id} id={id} place={places.get(id) ?? null} behind={at === 0 ? undefined : ids[at - 2] ?? null} before={ids[at + 1] ?? null} />;
      })}
    </ul>
  );
}

/** Who is not let in yet has no place. */
const computedPlaces = computed(() => {
  const places = new Map<string, number>();
  for (const id of order.value) if (party(id)?.value.state !== 'pending') places.set(id, places.size + 1);
  return places;
});

/** Those who were seated or left: back by one press, within a day. */
function EndedList() {
  const { data, reload } = useLoad(async () => (await get<{ data: Party[] }>('/v1/parties?state=ended&limit=50')).data, [order.value.length]);
  if (!data) return <Loading />;
  if (data.length === 0) return <Empty icon="seat">{t('nobody_ended')}</Empty>;
  return (
    <ul class="rows">
      {data.map((p) => (
        <li key={p.id} class="row ended-row">
          <time class="when" dateTime={p.ended_at!}>{timeText(p.ended_at!)}</time>
          <span class="who"><span class="name" dir="auto">{nameOf(p)}</span><span class="size"><Icon name="people" />{p.size}</span></span>
          <span class="badges"><span class={`badge state-${p.state}`}>{named('state', p.state)}</span>
            {p.seat && <span class="badge"><Icon name="seat" />{p.seat}</span>}</span>
          <span class="do"><Button icon="undo" label={t('undo_who', { name: nameOf(p) })}
                                   onClick={() => void undo(p).then(reload).catch(complain)}>{t('undo')}</Button></span>
        </li>
      ))}
    </ul>
  );
}

// ---- keys ----

const focusedRow = () => document.activeElement?.closest<HTMLElement>('.line > .row')?.dataset.id ?? '';

function goRow(step: number): void {
  const ids = order.value;
  const at = ids.indexOf(focusedRow() || opened.value);
  const id = ids[at < 0 ? (step > 0 ? 0 : ids.length - 1) : Math.min(Math.max(at + step, 0), ids.length - 1)];
  document.querySelector<HTMLElement>(`[data-id="${id}"] .who`)?.focus();
}

const keyboard: [key: string, word: Parameters<typeof t>[0], does: (p: Party | undefined) => void][] = [
  ['n', 'add_party', () => { tab.value = 'line'; adding.value = true; }],
  ['j', 'row_down', () => goRow(1)],
  ['k', 'row_up', () => goRow(-1)],
  ['1', 'notify', (p) => p && void notify(p)],
  ['2', 'seat', (p) => p && void seat(p)],
  ['3', 'more_time', (p) => p && void moreTime(p)],
  ['4', 'no_show', (p) => p && void noShow(p)],
  ['5', 'left', (p) => p && void cancel(p, 'guest')],
  ['6', 'call', (p) => p && void notify(p, 'voice')],
  ['Enter', 'thread', (p) => p && openRow(p.id)],
  ['u', 'undo', (p) => (p && p.text?.state === 'queued' ? void undo(p) : undoLast())],
  ['/', 'search', () => document.querySelector<HTMLElement>('.search input')?.focus()],
  ['?', 'help', () => { helping.value = true; }],
];
const helping = signal(false);

function onKey(e: KeyboardEvent): void {
  const target = e.target as HTMLElement;
  if (e.ctrlKey || e.metaKey || e.altKey || target.closest('input, textarea, select, dialog, [role=menu]')) return;
  if (e.key === 'ArrowDown') goRow(1);
  else if (e.key === 'ArrowUp') goRow(-1);
  else {
    if (e.key === 'Enter' && target.closest('button, a')) return;
    const found = keyboard.find(([key]) => key === e.key);
    if (!found) return;
    const id = focusedRow();
    found[2](id ? party(id)?.value : undefined);
  }
  e.preventDefault();
}

function Keys() {
  return (
    <Dialog title={t('keys')} onClose={() => { helping.value = false; }}>
      <dl class="keys">{keyboard.map(([key, word]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{t(word)}</dd></div>)}</dl>
    </Dialog>
  );
}

// ---- the whole ----

const tabs = [['line', 'waitlist'], ['bookings', 'bookings'], ['ended', 'ended']] as const;

/** One stop of the Tab key; the arrows go from one to the other. */
function Tabs() {
  const keys = (e: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: tabs.length - 1 }[e.key];
    if (!step) return;
    const next = (tabs.findIndex(([key]) => key === tab.value) + step) % tabs.length;
    tab.value = tabs[next]![0];
    (e.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus();
    e.stopPropagation();
  };
  return (
    <div class="tabs" role="tablist" aria-label={t('board')} onKeyDown={keys}>
      {tabs.map(([key, word]) => (
        <button key={key} type="button" role="tab" aria-selected={tab.value === key} tabIndex={tab.value === key ? 0 : -1}
                onClick={() => { tab.value = key; }}>{t(word)}</button>
      ))}
    </div>
  );
}

export function Board() {
  useEffect(() => {
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  useEffect(() => effect(() => { document.title = title.value; }), []);
  return (
    <div class={opened.value ? 'board with-thread' : 'board'}>
      <main class="body" id="main">
        <h1 class="hidden">{account.value?.name}</h1>
        <div class="toolbar">
          <Tabs />
          <Counts />
          <Live />
        </div>
        <Outbox />
        <Strangers />
        {tab.value === 'line' && (
          <>
            {adding.value ? <AddParty onDone={() => { adding.value = false; }} /> : (
              <div class="toolbar second">
                <Button kind="main" icon="plus" onClick={() => { adding.value = true; }}>{t('add_party')}</Button>
                <Next />
                <span class="search"><Icon name="search" /><input type="search" aria-label={t('search')} placeholder={t('search')}
                      value={search.value} onInput={(e) => { search.value = e.currentTarget.value; }} /></span>
                <Button icon={sound.value ? 'sound' : 'mute'} label={t(sound.value ? 'sound_on' : 'sound_off')} aria-pressed={sound.value}
                        onClick={() => { sound.value = !sound.value; }} />
                <Button icon="print" class="keys-only" label={t('print')} onClick={() => print()} />
                <Button icon="help" class="keys-only" label={t('keys')} onClick={() => { helping.value = true; }} />
              </div>
            )}
            <Line />
          </>
        )}
        {tab.value === 'bookings' && <Bookings />}
        {tab.value === 'ended' && <EndedList />}
      </main>
      {opened.value && <Thread key={opened.value} id={opened.value} />}
      {helping.value && <Keys />}
      <Printed />
    </div>
  );
}
