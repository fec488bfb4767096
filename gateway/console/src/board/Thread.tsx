// Thread.tsx - all that was said between the venue and one guest, beside their row; and what to say next.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, post, type Booking, type Message, type Party, type PartyTold, type Schema } from '../api';
import { dayTimeText, now, timeText } from '../clock';
import { visible } from '../device';
import { waiting } from '../outbox';
import { segments } from '../segments';
import { line } from '../stream';
import { Button, complain, Empty, Failed, Icon, Loading, say, useLoad } from '../ui';
import { named, t } from '../words/words';
import { bookings, lastWords, onMessage, party, threads, type Listed } from './visits';
import { nameOf, write } from './deeds';
import { closeRow } from './open';
import { Why } from './Why';

type Visit = Party | Booking;
type QuickReply = Schema<'QuickReply'>;
type Consent = Schema<'ConsentHistory'>;

// ---- one message ----

const call = (m: Message) => m.call && (
  <span class="call">
    <Icon name="phone" />
    {m.call.outcome ? named('outcome', m.call.outcome)
      : m.call.answered_by ? named('answered', m.call.answered_by) : t('called')}
    {m.call.duration_s !== null && ` · ${t('seconds', { n: m.call.duration_s })}`}
    {m.call.recording_url && <a href={m.call.recording_url} target="_blank" rel="noreferrer">{t('listen')}</a>}
  </span>
);

function Bubble({ m, onWhy }: { m: Message; onWhy(): void }) {
  const bad = ['failed', 'undelivered', 'expired'].includes(m.state);
  return (
    <li class={`bubble ${m.direction} ${bad ? 'bad' : ''}`}>
      {m.direction === 'out' && m.kind !== 'message' && <span class="kind">{named('kind', m.kind)}</span>}
      <p dir="auto">{m.body || (m.media > 0 ? t('pictures', { n: m.media }) : '')}</p>
      {call(m)}
      <span class="about">
        <time dateTime={m.created_at}>{timeText(m.created_at)}</time>
        {m.direction === 'out' && <span class={`state ${m.state}`}><Ticks state={m.state} />{named('message', m.state)}</span>}
        <button type="button" class="why" onClick={onWhy}>{t('why')}</button>
      </span>
      {bad && m.reason && <p class="reason">{m.reason}</p>}
    </li>
  );
}

function Ticks({ state }: { state: string }) {
  if (state === 'delivered') return <Icon name="checks" />;
  if (['sent', 'uncertain'].includes(state)) return <Icon name="check" />;
  if (['queued', 'sending', 'unknown'].includes(state)) return <Icon name="clock" />;
  return <Icon name="warn" />;
}

// ---- may they be texted ----

/** Opted out or flagged: in words, and what can be done about it. */
function Consented({ thread, state, onChange }: { thread: string; state: string; onChange(): void }) {
  const { data } = useLoad(() => get<Consent>(`/v1/conversations/${thread}/consent`), [thread, state]);
  const record = async (action: 'stop' | 'start' | 'clear') => {
    try {
      await post(`/v1/conversations/${thread}/consent`, { action });
      onChange();
    } catch (e) {
      complain(e);
    }
  };
  if (state === 'open')
    return <Button kind="bare" icon="mute" onClick={() => void record('stop')}>{t('they_asked_to_stop')}</Button>;
  const last = data?.history.filter((x) => x.action === 'flag' || x.action === 'stop').sort((x, y) => x.at.localeCompare(y.at)).at(-1);
  return (
    <div class="blocked" role="note">
      <Icon name={state === 'flagged' ? 'warn' : 'mute'} />
      <div>
        <p>{t(state === 'flagged' ? 'flagged_why' : data?.via === 'staff' ? 'stopped_staff' : 'stopped_guest')}</p>
        {last?.words && <blockquote dir="auto">{last.words}</blockquote>}
        {state === 'flagged' && <>
          <Button onClick={() => void record('clear')}>{t('flag_clear')}</Button>
          <Button kind="danger" onClick={() => void record('stop')}>{t('flag_confirm')}</Button>
        </>}
        {state === 'stopped' && data?.via === 'staff' &&
          <Button onClick={() => void record('start')}>{t('take_back_stop')}</Button>}
      </div>
    </div>
  );
}

// ---- writing ----

function Writer({ thread, to }: { thread: string; to: string }) {
  const [body, setBody] = useState('');
  const [busy, setBusy] = useState(false);
  const { data: quick } = useLoad(() => get<{ data: QuickReply[] }>('/v1/quick-replies'));
  const box = useRef<HTMLTextAreaElement>(null);
  const count = segments(body);
  const send = async () => {
    if (!body.trim() || busy) return;
    setBusy(true);
    if (!line.value.live) say(t('will_wait'));
    const text = body;
    setBody('');
    if (!await write(thread, text, t('do.write', { name: to }))) setBody(text);
    setBusy(false);
  };
  return (
    <form class="writer" onSubmit={(e) => { e.preventDefault(); void send(); }}>
      {quick && quick.data.length > 0 && (
        <div class="quick" role="group" aria-label={t('quick_replies')}>
          {quick.data.map((q) => (
            <button key={q.id} type="button" onClick={() => { setBody(q.body); box.current?.focus(); }}>{q.label}</button>
          ))}
        </div>
      )}
      <label class="hidden" for="writing">{t('write_to', { name: to })}</label>
      <textarea id="writing" ref={box} rows={2} value={body} maxLength={1600} placeholder={t('write_to', { name: to })}
                onInput={(e) => setBody(e.currentTarget.value)} dir="auto" aria-describedby="writing-count"
                onKeyDown={(e) => { if (e.key === 'Enter' && !e.shiftKey) { e.preventDefault(); void send(); } }} />
      <span id="writing-count" class={count.segments > 1 ? 'count warn' : 'count'}>
        {body ? t('segments', { n: count.segments, left: count.left }) + (count.encoding === 'UCS-2' ? ` · ${t('ucs2')}` : '') : ''}
      </span>
      <Button kind="main" icon="send" type="submit" busy={busy}>{t('send')}</Button>
    </form>
  );
}

// ---- the thread ----

const PAGE = 50;
const SHOWN_AFTER_MS = 1000; // until then it is on its way, and soon a message

function useThread(thread: string) {
  const load = () => get<{ data: Message[]; next_cursor: string | null }>(`/v1/conversations/${thread}/messages?limit=${PAGE}`);
  const { data, failed, setData, reload } = useLoad(load, [thread]);
  useEffect(() => {
    const hear = (m: Message) => {
      if (m.conversation_id !== thread) return;
      setData((page) => page && {
        ...page, data: page.data.some((x) => x.id === m.id)
          ? page.data.map((x) => (x.id === m.id ? { ...x, ...m, call: m.call ?? x.call } : x)) : [m, ...page.data],
      });
      if (m.channel === 'voice') reload();
    };
    onMessage.add(hear);
    return () => { onMessage.delete(hear); };
  }, [thread]);
  const older = async () => {
    if (!data?.next_cursor) return;
    const page = await get<typeof data>(`/v1/conversations/${thread}/messages?limit=${PAGE}&cursor=${data.next_cursor}`);
    setData({ data: [...data.data, ...page.data], next_cursor: page.next_cursor });
  };
  return { data, failed, reload, older };
}

function Messages({ thread }: { thread: string }) {
  const { data, failed, reload, older } = useThread(thread);
  const [why, setWhy] = useState<string | null>(null);
  const end = useRef<HTMLLIElement>(null);
  const newest = data?.data[0]?.id;
  useEffect(() => { end.current?.scrollIntoView({ block: 'end' }); }, [newest]);
  if (failed && !data) return <Failed text={failed} again={reload} />;
  if (!data) return <Loading />;
  const pending = waiting.value.filter((a) =>
    a.path === `/v1/conversations/${thread}/messages` && now.value - a.at > SHOWN_AFTER_MS);
  return (
    <ol class="bubbles">
      {data.next_cursor && <li><Button onClick={() => void older()}>{t('older')}</Button></li>}
      {data.data.length === 0 && <li class="none">{t('nothing_said')}</li>}
      {data.data.toReversed().map((m) => <Bubble key={m.id} m={m} onWhy={() => setWhy(m.id)} />)}
      {pending.map((a) => (
        <li key={a.key} class="bubble out unsent"><p dir="auto">{String(a.body.body)}</p>
          <span class="about"><Icon name="clock" />{t('not_sent_yet')}</span></li>
      ))}
      <li ref={end} aria-hidden="true" />
      {why && <Why id={why} onClose={() => setWhy(null)} />}
    </ol>
  );
}

/** What staff did with the party, for whoever asks why. */
function History({ id }: { id: string }) {
  const path = id.startsWith('pty') ? 'parties' : 'bookings';
  const { data } = useLoad(() => get<PartyTold>(`/v1/${path}/${id}`), [id]);
  if (!data) return null;
  return (
    <details class="history">
      <summary>{t('history')}</summary>
      <ol>{data.history.filter((h) => !h.message).map((h, i) => (
        <li key={i}><time dateTime={h.at}>{timeText(h.at)}</time> {named('did', h.what)} · {named('who', h.who)}</li>
      ))}</ol>
      {data.link && <a href={data.link} target="_blank" rel="noreferrer">{t('guest_page')}</a>}
    </details>
  );
}

/** A thread without a visit, as one. */
const stranger = (c: Listed) => ({
  name: c.name ?? c.phone,
  guest: { id: c.id, phone: c.phone, unread: c.unread, consent: c.flagged ? 'flagged' : c.opted_out ? 'stopped' : 'open' } as const,
});
type Shown = Visit | ReturnType<typeof stranger>;

const shown = (id: string): Shown | undefined =>
  party(id)?.value ?? bookings.value.find((b) => b.id === id) ?? threads.value.filter((c) => c.id === id).map(stranger)[0];

/** Opening it is reading it: the mark goes. */
function useRead(v: Shown | undefined) {
  const thread = v?.guest?.id;
  const unread = v?.guest?.unread ?? 0;
  const seen = visible.value;
  useEffect(() => {
    if (!thread || !unread || !seen) return;
    post(`/v1/conversations/${thread}/read`).then(() => {
      const { [thread]: _, ...others } = lastWords.value;
      lastWords.value = others;
    }, () => undefined);
  }, [thread, unread, seen]);
}

export function Thread({ id }: { id: string }) {
  const v = shown(id);
  const head = useRef<HTMLHeadingElement>(null);
  useRead(v);
  useEffect(() => head.current?.focus(), [id]);
  return (
    <aside class="thread" aria-label={t('thread')} onKeyDown={(e) => { if (e.key === 'Escape' && !e.defaultPrevented) closeRow(); }}>
      <header>
        <Button kind="bare" icon="left" class="back" label={t('back')} onClick={closeRow} />
        <h2 ref={head} tabIndex={-1} dir="auto">{v ? nameOf(v) : t('gone')}</h2>
        {v && <span class="about">{'size' in v ? t('party_of', { n: v.size }) : t('on_no_list')}{v.guest && v.guest.phone !== v.name ? ` · ${v.guest.phone}` : ''}
          {'starts_at' in v ? ` · ${dayTimeText(v.starts_at)}` : ''}</span>}
        <Button kind="bare" icon="close" class="close" label={t('close')} onClick={closeRow} />
      </header>
      {v && 'size' in v && <History id={id} />}
      {!v ? <Empty icon="away">{t('gone_why')}</Empty>
        : !v.guest ? <Empty icon="mute">{t('no_phone_why')}</Empty> : (
          <>
            <Messages thread={v.guest.id} />
            <Consented thread={v.guest.id} state={v.guest.consent} onChange={() => undefined} />
            {v.guest.consent === 'open' && <Writer thread={v.guest.id} to={nameOf(v)} />}
          </>
        )}
    </aside>
  );
}
