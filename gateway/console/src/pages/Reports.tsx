// Reports.tsx - what came of parties, bookings and texts on some days.
import { useState } from 'preact/hooks';
import { get, reach, Unreachable, type Schema } from '../api';
import { dayKey, dayText } from '../clock';
import { PageFrame } from '../Page';
import { Button, Failed, Field, Loading, Select, useLoad } from '../ui';
import { language } from '../words/words';
import { Figures, saveFile, Section, Table, useAct } from './parts';
import { called, w } from './words';

type Report = Schema<'Report'>;
type Row = Report['rows'][number];
type Counts = Report['messages']['all'];

const DAY = 86_400_000;
const bys = ['day', 'hour', 'weekday', 'size'] as const;
type By = (typeof bys)[number];

const number = (n: number | null) => (n === null ? '–' : n.toLocaleString(language.value));
const percent = (rate: number | null) => (rate === null ? '–' : rate.toLocaleString(language.value, { style: 'percent', maximumFractionDigits: 0 }));
const part = (n: number, of: number) => percent(of ? n / of : null);
const minutes = (s: number | null) => (s === null ? '–' : w('min', { n: Math.round(s / 60) }));

/** A row's key as people say it: a day, an hour, a day of the week, a size. */
function keyText(by: By, key: string): string {
  if (by === 'day') return dayText(`${key}T12:00:00Z`);
  if (by === 'hour') return new Intl.DateTimeFormat(language.value, { hour: 'numeric', timeZone: 'UTC' }).format(new Date(`2026-01-05T${key}:00:00Z`));
  if (by === 'weekday') return new Intl.DateTimeFormat(language.value, { weekday: 'long', timeZone: 'UTC' }).format(new Date(Date.UTC(2026, 0, 4 + Number(key))));
  return w('size_of', { n: key });
}

/** Bars with their numbers: parties put down, and of them those served. */
function Bars({ by, rows }: { by: By; rows: Row[] }) {
  const most = Math.max(1, ...rows.map((r) => r.added));
  if (rows.length === 0) return <p class="hint">{w('nothing_then')}</p>;
  return (
    <>
      <p class="legend"><span class="swatch added" /> {w('added')} <span class="swatch served" /> {w('served')}</p>
      <Table caption={called('by', by)} figures={2}
             head={[called('by', by), w('added'), w('added'), w('served'), w('no_shows'), w('walk_aways'), w('wait'), w('quoted'), w('within'), w('bookings')].map((x, i) => (i === 1 ? w('bar') : x))}
             rows={rows.map((r) => [r.key, keyText(by, r.key),
               <span class="bar" aria-hidden="true"><span class="added" style={{ width: `${(100 * r.added) / most}%` }} /><span class="served" style={{ width: `${(100 * r.served) / most}%` }} /></span>,
               number(r.added), number(r.served), number(r.no_shows), number(r.walk_aways), minutes(r.wait_s), minutes(r.quoted_s),
               part(r.within_quote, r.quoted), number(r.bookings)] as const)} />
    </>
  );
}

function Total({ r }: { r: Row }) {
  return (
    <Section title={w('parties')}>
      <Figures items={[
        [w('added'), number(r.added)],
        [w('served'), number(r.served), w('n_people', { n: r.guests })],
        [w('wait'), minutes(r.wait_s), r.quoted_s === null ? undefined : w('quoted_was', { n: Math.round(r.quoted_s / 60) })],
        [w('within'), part(r.within_quote, r.quoted), w('of_n', { n: r.quoted })],
        [w('no_shows'), number(r.no_shows), part(r.no_shows, r.added)],
        [w('walk_aways'), number(r.walk_aways), part(r.walk_aways, r.added)],
        [w('cancelled'), number(r.cancelled + r.expired), w('by_staff')],
        [w('bookings'), number(r.bookings), w('bookings_more', { gone: r.bookings_cancelled, missed: r.booking_no_shows })],
      ]} />
    </Section>
  );
}

const counted = ['messages', 'delivered', 'sent', 'waiting', 'failed', 'undelivered', 'stopped', 'expired', 'cancelled', 'uncertain', 'segments'] as const;

function Texts({ m }: { m: Report['messages'] }) {
  const settled = (c: Counts) => c.delivered + c.failed + c.undelivered + c.expired + c.uncertain;
  return (
    <Section title={w('texts_and_calls')}>
      <Figures items={[
        [w('texts'), number(m.sms.messages), w('n_segments', { n: m.sms.segments })],
        [w('calls'), number(m.voice.messages)],
        [w('delivered'), part(m.all.delivered, settled(m.all)), w('of_n', { n: settled(m.all) })],
        [w('reply_rate'), percent(m.reply_rate), w('answered_of', { n: m.answered, of: m.asked })],
        [w('replies'), number(m.replies)],
        [w('opt_outs'), number(m.opt_outs)],
      ]} />
      <Table caption={w('what_came')} figures={1} head={[w('what_came'), w('texts'), w('calls')]}
             rows={counted.filter((c) => m.all[c] > 0 || c === 'messages' || c === 'delivered').map((c) => [c, called('counted', c), number(m.sms[c]), number(m.voice[c])] as const)} />
      <h3>{w('failures')}</h3>
      {m.reasons.length === 0 ? <p class="hint">{w('no_failures')}</p> : (
        <Table caption={w('failures')} figures={2} head={[w('reason'), w('code'), w('times')]}
               rows={m.reasons.map((r, i) => [String(i), r.reason ?? w('not_known'), r.code ? <code>{r.code}</code> : '–', number(r.count)] as const)} />
      )}
    </Section>
  );
}

const files = ['parties', 'bookings', 'messages'] as const;

function Files({ query }: { query: string }) {
  const { doing, act } = useAct();
  const take = (what: string) => act(what, async () => {
    const response = await reach(`/v1/reports/${what}.csv?${query}`);
    if (!response.ok) throw new Unreachable('');
    const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
    saveFile(name ?? `${what}.csv`, await response.blob());
  });
  return (
    <Section title={w('files')}>
      <p class="hint">{w('files_hint')}</p>
      <p class="actions left">{files.map((f) => <Button key={f} icon="down" busy={doing === f} onClick={() => take(f)}>{called('file', f)}</Button>)}</p>
    </Section>
  );
}

export default function Reports() {
  const today = dayKey(Date.now());
  const back = (days: number) => dayKey(Date.now() - (days - 1) * DAY);
  const [range, setRange] = useState('7');
  const [own, setOwn] = useState({ from: back(7), to: today });
  const [by, setBy] = useState<By>('day');
  const { from, to } = range === 'own' ? own : { from: back(Number(range)), to: today };
  const query = `from=${from}&to=${to}`;
  const { data, failed, reload } = useLoad(async () => {
    const [total, rows] = await Promise.all([get<Report>(`/v1/reports?${query}`), get<Report>(`/v1/reports?${query}&by=${by}`)]);
    return { total, rows: rows.rows, by };
  }, [query, by]);
  return (
    <PageFrame title={w('reports')} actions={<Button icon="print" onClick={() => print()}>{w('print')}</Button>}>
      <div class="filters">
        <Select label={w('days')} value={range} onChange={(e) => setRange(e.currentTarget.value)}
                options={[['1', w('today')], ['7', w('last_7')], ['30', w('last_30')], ['own', w('own_days')]]} />
        {range === 'own' && (
          <>
            <Field label={w('from_day')} type="date" value={own.from} max={own.to} onChange={(e) => { if (e.currentTarget.value) setOwn({ ...own, from: e.currentTarget.value }); }} />
            <Field label={w('to_day')} type="date" value={own.to} min={own.from} onChange={(e) => { if (e.currentTarget.value) setOwn({ ...own, to: e.currentTarget.value }); }} />
          </>
        )}
        <Select label={w('rows_by')} value={by} options={bys.map((b) => [b, called('by', b)] as const)} onChange={(e) => setBy(e.currentTarget.value as By)} />
      </div>
      {failed && <Failed text={failed} again={reload} />}
      {!data ? !failed && <Loading /> : (
        <>
          <Total r={data.total.rows[0]!} />
          <Section title={called('by', data.by)}><Bars by={data.by} rows={data.rows} /></Section>
          <Texts m={data.total.messages} />
          <Files query={query} />
        </>
      )}
    </PageFrame>
  );
}
