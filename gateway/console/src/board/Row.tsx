// Row.tsx - one party of the line: who, how long, what they were told and said, and what staff do about it.
import { useComputed } from '@preact/signals';
import { useState } from 'preact/hooks';
import type { Party } from '../api';
import { minutesBetween, now, timeText } from '../clock';
import { busyAbout, waiting } from '../outbox';
import { Button, Icon, type IconName } from '../ui';
import { named, t, type Word } from '../words/words';
import { lastWords, party as rowOf } from './visits';
import { accept, cancel, justDone, moreTime, moveBehind, nameOf, noShow, notify, seat, undo } from './deeds';
import { Menu } from './Menu';
import { startDrag } from './drag';
import { opened, openRow } from './open';

// ---- times ----

/** Counts down to the end of the quote, then up in red, which is said in words as well. */
function Wait({ p }: { p: Party }) {
  const text = useComputed(() => {
    const since = Date.parse(p.joined_at ?? p.created_at);
    if (p.quote_max === null || !p.quoted_at)
      return { late: false, words: t('waited', { n: Math.max(0, minutesBetween(since, now.value)) }) };
    const left = -minutesBetween(Date.parse(p.quoted_at) + p.quote_max * 60_000, now.value);
    return left > 0 ? { late: false, words: t('min_left', { n: left }) } : { late: left < 0, words: t('min_late', { n: -left }) };
  });
  const { late, words } = text.value;
  return <span class={late ? 'wait late' : 'wait'} data-late={late}>{late && <Icon name="warn" />}{words}</span>;
}

/** A table that is held: until when. */
function Held({ p }: { p: Party }) {
  const left = useComputed(() => p.held_until ? Math.ceil((Date.parse(p.held_until) - now.value) / 60_000) : null);
  if (left.value === null) return null;
  return <span class={left.value < 0 ? 'badge warn' : 'badge'}>
    {left.value >= 0 ? t('held_for', { n: left.value }) : t('held_over', { n: -left.value })}</span>;
}

// ---- what they were told ----

const textIcons: Record<string, IconName> = {
  queued: 'clock', sending: 'clock', unknown: 'help', sent: 'check', uncertain: 'check', delivered: 'checks',
  undelivered: 'warn', failed: 'warn', expired: 'warn', stopped: 'mute', cancelled: 'close',
};
const failed = (state: string) => ['undelivered', 'failed', 'expired'].includes(state);

/** The last notice and what became of it; before it leaves, the way to take it back. */
function Text({ p }: { p: Party }) {
  const text = p.text;
  const left = useComputed(() => text?.send_at && text.state === 'queued'
    ? Math.ceil((Date.parse(text.send_at) - now.value) / 1000) : 0);
  if (!text) return null;
  if (left.value > 0)
    return (
      <span class="leaving">
        <span>{t('leaves_in', { n: left.value })}</span>
        <Button icon="undo" onClick={() => void undo(p)}>{t('undo')}</Button>
      </span>
    );
  const bad = failed(text.state);
  return (
    <span class={bad ? 'sent bad' : 'sent'}>
      <Icon name={textIcons[text.state] ?? 'chat'} />
      <span>{named('kind', text.kind)}: {named('message', text.state)}{bad && text.reason ? `. ${text.reason}` : ''}</span>
      {bad && p.guest?.consent === 'open' && p.ended_at === null &&
        <Button icon="phone" onClick={() => void notify(p, 'voice')}>{t('call_them')}</Button>}
    </span>
  );
}

/** What waits for a connection: it was not done yet, and says so. */
function Pending({ p }: { p: Party }) {
  const act = waiting.value.find((a) => a.about === p.id);
  return act ? <span class="badge wait-send"><Icon name="clock" />{t('waits', { what: act.label })}</span> : null;
}

// ---- the row ----

const called = (p: Party) => ['notified', 'coming', 'more_time'].includes(p.state);

function Main({ p }: { p: Party }) {
  const busy = busyAbout(p.id);
  if (p.state === 'pending')
    return <Button kind="main" icon="check" busy={busy} onClick={() => void accept(p)}>{t('let_in')}</Button>;
  return (
    <>
      <Button kind={called(p) ? 'plain' : 'main'} icon="bell" busy={busy} class="notify"
              label={(called(p) ? `${t('again')}: ` : '') + t('notify_who', { name: nameOf(p) })} onClick={() => void notify(p)}>
        {called(p) ? t('again') : t('notify')}
      </Button>
      <Button kind={called(p) ? 'main' : 'plain'} icon="seat" busy={busy} class="seat"
              label={t('seat_who', { name: nameOf(p) })} onClick={() => void seat(p)}>{t('seat')}</Button>
    </>
  );
}

/** Where there is room, what is in the menu stands in the row: one tap. What does not apply yet keeps its room, so that no
 *  button moves below a finger that taps twice. */
function Quick({ p }: { p: Party }) {
  const busy = busyAbout(p.id);
  const tap = (icon: IconName, word: Word, when: boolean, does: () => void) =>
    <Button icon={icon} busy={busy} class={when ? '' : 'not-yet'} label={t('what_who', { what: t(word), name: nameOf(p) })} onClick={does} />;
  return (
    <span class="quick-do">
      {tap('chat', 'thread', Boolean(p.guest), () => openRow(p.id))}
      {tap('phone', 'call', Boolean(p.guest) && p.state !== 'pending', () => void notify(p, 'voice'))}
      {tap('clock', 'more_time', called(p), () => void moreTime(p))}
      {tap('away', 'no_show', called(p), () => void noShow(p))}
      {tap('close', 'cancel', true, () => void cancel(p, 'staff'))}
    </span>
  );
}

function Badges({ p }: { p: Party }) {
  return (
    <>
      {p.state !== 'waiting' && <span class={`badge state-${p.state}`}>{named('state', p.state)}
        {called(p) && p.notices > 1 ? ` ×${p.notices}` : ''}</span>}
      {called(p) && <Held p={p} />}
      {p.says && <span class="badge warn"><Icon name="warn" />{t('says', { word: p.says })}</span>}
      {p.guest?.consent === 'stopped' && <span class="badge"><Icon name="mute" />{t('no_texts')}</span>}
      {p.guest?.consent === 'flagged' && <span class="badge warn"><Icon name="warn" />{t('flagged')}</span>}
      {!p.guest && <span class="badge">{t('no_phone')}</span>}
      {p.source === 'booking' && <span class="badge"><Icon name="calendar" />{t('from_booking')}</span>}
      {p.source === 'self' && <span class="badge">{t('from_self')}</span>}
      {p.seat && <span class="badge"><Icon name="seat" />{p.seat}</span>}
      {p.tags.map((tag) => <span key={tag} class="badge tag">{tag}</span>)}
    </>
  );
}

function Unread({ p }: { p: Party }) {
  const n = p.guest?.unread ?? 0;
  if (!n) return null;
  const words = p.guest ? lastWords.value[p.guest.id] : undefined;
  return (
    <button type="button" class="unread" onClick={() => openRow(p.id)}>
      <Icon name="chat" /><b>{n}</b>
      <span class="words" dir="auto">{words ?? t('new_reply')}</span>
    </button>
  );
}

/** The position is a number of the line; those not let in yet have none. */
export function Row({ id, place, behind, before }:
    { id: string; place: number | null; behind: string | null | undefined; before: string | null }) {
  const [menu, setMenu] = useState(false);
  const p = rowOf(id)?.value;
  if (!p) return null;
  const classes = ['row', p.guest?.unread ? 'has-unread' : '', opened.value === id ? 'open' : '',
                   justDone.value === id ? 'just' : '', `is-${p.state}`];
  return (
    <li class={classes.join(' ')} data-id={id} tabIndex={-1}>
      <span class="place">
        <span class="handle" onPointerDown={(e) => startDrag(e, id)} aria-hidden="true"><Icon name="grip" /></span>
        <span class="number">{place ?? '–'}</span>
      </span>
      <button type="button" class="who" onClick={() => openRow(id)}>
        <span class="hidden">{t('open')} </span>
        <span class="name" dir="auto">{nameOf(p)}</span>
        <span class="size"><Icon name="people" />{p.size}</span>
        <Wait p={p} />
        <span class="since">{t('since', { time: timeText(p.joined_at ?? p.created_at) })}</span>
      </button>
      <span class="badges">
        <Badges p={p} />
        <Pending p={p} />
        {p.notes && <span class="notes" dir="auto">{p.notes}</span>}
      </span>
      <Unread p={p} />
      <Text p={p} />
      <span class="do">
        <Main p={p} />
        <Quick p={p} />
        <Button icon="more" label={t('more_who', { name: nameOf(p) })} aria-haspopup="menu" aria-expanded={menu}
                onClick={() => setMenu(!menu)} />
        {menu && <Menu p={p} onClose={() => setMenu(false)} canUp={behind !== undefined} canDown={before !== null}
                       onUp={() => void moveBehind(p, behind ?? null)} onDown={() => before && void moveBehind(p, before)} />}
      </span>
    </li>
  );
}
