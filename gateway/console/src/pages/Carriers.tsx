// Carriers.tsx - how the carriers are, what went through them of late, and what is wrong.
import { useMemo, useState } from 'preact/hooks';
import { get, put, type Schema } from '../api';
import { Why } from '../board/Why';
import { dayTimeText, secondsText, timeText } from '../clock';
import { isManager } from '../session';
import { PageFrame, readSettings } from '../Page';
import { Button, Empty, Failed, Icon, Loading, say, Select, useLoad } from '../ui';
import { language, named } from '../words/words';
import { Alerts } from './Alerts';
import { Chart, type Line } from './Chart';
import { Section, State, Table, useAct, useEvery } from './parts';
import { called, w } from './words';

type Carrier = Schema<'CarrierList'>['data'][number];
type Traffic = Schema<'CarrierTraffic'>;
type Flow = Traffic['carriers'][number];

const name = (c: string) => named('carrier', c);
const ms = (n: number | null) => (n === null ? '–' : n < 1000 ? w('ms', { n: Math.round(n) })
  : w('s', { n: (n / 1000).toLocaleString(language.value, { maximumFractionDigits: 1 }) }));
const percent = (rate: number | null) => (rate === null ? '–' : rate.toLocaleString(language.value, { style: 'percent', maximumFractionDigits: 1 }));
const count = (n: number | null) => (n === null ? '–' : n.toLocaleString(language.value, { maximumFractionDigits: 1 }));

const states = {
  well: ['good', 'check'], recovering: ['warn', 'clock'], out: ['bad', 'warn'], drained: ['warn', 'minus'],
} as const;

/** Why it is as it is, and until when. */
function sentence(c: Carrier): string {
  if (c.drained) return w('drained_why', { time: dayTimeText(c.drained.since), why: c.drained.why });
  if (c.state === 'out') return w('out_why', { time: c.out_until ? timeText(c.out_until) : '' });
  return w(c.state === 'recovering' ? 'recovering_why' : 'well_why', { n: c.share_percent });
}

function One({ c, flow, onPrefer, doing }: { c: Carrier; flow?: Flow; onPrefer(carrier: string): void; doing: string }) {
  const [kind, icon] = states[c.state];
  return (
    <article class="card carrier">
      <header class="section-head">
        <h2>{name(c.carrier)}</h2>
        {c.preferred && <State kind="plain" icon="up">{w('first_choice')}</State>}
        <State kind={kind} icon={icon}>{called('carrier_state', c.state)}</State>
      </header>
      <p>{sentence(c)}</p>
      {c.drained && <p class="hint">{w('undrain_hint')} <code>maitred undrain {c.carrier}</code></p>}
      {c.webhook_may_be_broken_since && <p class="note warn"><Icon name="warn" /> {w('webhook_broken', { time: dayTimeText(c.webhook_may_be_broken_since) })}</p>}
      {!c.can_be_asked && <p class="note warn"><Icon name="warn" /> {w('cannot_be_asked')}</p>}
      {flow && (
        <dl class="facts-list">
          <div><dt>{w('attempts')}</dt><dd>{count(flow.total.attempts)}</dd></div>
          <div><dt>{w('delivered')}</dt><dd>{percent(flow.total.delivery_rate)}</dd></div>
          <div><dt>{w('failed')}</dt><dd>{count(flow.total.failed)}</dd></div>
          <div><dt>{w('unknown')}</dt><dd>{count(flow.total.unknown)}</dd></div>
          <div><dt>{w('answers_in')}</dt><dd>{ms(flow.total.answer_p50_ms)}</dd></div>
          <div><dt>{w('delivers_in')}</dt><dd>{ms(flow.total.delivery_p50_ms)}</dd></div>
        </dl>
      )}
      {isManager.value && (
        <p class="actions left">
          {c.preferred
            ? <Button busy={doing === 'none'} onClick={() => onPrefer('none')}>{w('no_preference')}</Button>
            : <Button icon="up" busy={doing === c.carrier} onClick={() => onPrefer(c.carrier)}>{w('prefer', { carrier: name(c.carrier) })}</Button>}
        </p>
      )}
    </article>
  );
}

// ---- charts ----

const looks = { twilio: { color: '--accent' }, telnyx: { color: '--mark', dash: [6, 4] } } as const;

function Charts({ traffic: t }: { traffic: Traffic }) {
  const { times, attempts, answers, marks, slowest } = useMemo(() => ({
    times: Array.from({ length: t.points }, (_, i) => Date.parse(t.from) + i * t.step_s * 1000),
    attempts: t.carriers.map((c): Line => ({ label: name(c.carrier), ...looks[c.carrier], dash: c.carrier === 'telnyx' ? [6, 4] : undefined,
                                             values: c.attempts.map((n) => n / (t.step_s / 60)) })),
    answers: t.carriers.map((c) => ({ carrier: c.carrier, lines: [
      { label: w('half'), color: looks[c.carrier].color, values: c.answer_p50_ms },
      { label: w('p95'), color: '--warn-ink', dash: [3, 3], values: c.answer_p95_ms }] as Line[] })),
    marks: t.failovers.map((f) => Date.parse(f.at)),
    slowest: Math.max(100, ...t.carriers.flatMap((c) => c.answer_p95_ms.map((n) => n ?? 0))),
  }), [t, language.value]);
  return (
    <>
      <Chart title={w('attempts_per_minute')} times={times} lines={attempts} show={count} marks={marks} stepped />
      <div class="two">
        {answers.map(({ carrier, lines }) => (
          <Chart key={carrier} title={w('answer_time', { carrier: name(carrier) })} times={times} lines={lines} show={ms} most={slowest} />
        ))}
      </div>
    </>
  );
}

// ---- what happened ----

function Failovers({ traffic }: { traffic: Traffic }) {
  const [why, setWhy] = useState('');
  return (
    <Section title={w('failovers')}>
      {traffic.failovers.length === 0 ? <p class="hint">{w('no_failovers')}</p> : (
        <ul class="lines">{traffic.failovers.slice(0, 20).map((f) => (
          <li key={f.message_id + f.at}>
            <time dateTime={f.at}>{secondsText(f.at)}</time>
            <div><p><b>{w('from_to', { from: name(f.from), to: name(f.to) })}</b>{f.code && <> · <code>{f.code}</code></>}</p><p class="hint">{f.reason}</p></div>
            <Button icon="help" onClick={() => setWhy(f.message_id)}>{w('why')}</Button>
          </li>
        ))}</ul>
      )}
      {why && <Why id={why} onClose={() => setWhy('')} />}
    </Section>
  );
}

function History({ carriers }: { carriers: Carrier[] }) {
  const events = carriers.flatMap((c) => c.history.map((e) => ({ ...e, carrier: c.carrier })))
    .sort((a, b) => b.at.localeCompare(a.at)).slice(0, 50);
  return (
    <Section title={w('history')}>
      {events.length === 0 ? <p class="hint">{w('no_history')}</p> : (
        <Table caption={w('history')} head={[w('time'), w('carrier'), w('what'), w('reason')]}
               rows={events.map((e, i) => [`${e.at}${i}`, dayTimeText(e.at), name(e.carrier),
                 called('happened', ['opened', 'closed'].includes(e.what) ? `${e.operation}_${e.what}` : e.what), e.reason] as const)} />
      )}
    </Section>
  );
}

// ---- the whole ----

const spans = ['60', '180', '720', '1440'] as const;

export default function Carriers() {
  const [minutes, setMinutes] = useState('60');
  const { data, failed, reload } = useLoad(async () => {
    const [carriers, alerts, traffic] = await Promise.all([
      get<Schema<'CarrierList'>>('/v1/carriers'), get<Schema<'AlertList'>>('/v1/alerts'),
      get<Traffic>(`/v1/carriers/traffic?minutes=${minutes}`)]);
    return { carriers: carriers.data, alerts: alerts.data, traffic, at: Date.now() };
  }, [minutes]);
  useEvery(15, reload, []);
  const { doing, act } = useAct();
  const prefer = (carrier: string) => act(carrier, async () => {
    await put('/v1/carriers/preferred', { carrier });
    say(carrier === 'none' ? w('preferred_none') : w('preferred', { carrier: name(carrier) }));
    reload();
    await readSettings();
  });
  return (
    <PageFrame title={w('carriers')} actions={data && <Button icon="undo" onClick={reload}>{w('as_of', { time: secondsText(data.at) })}</Button>}>
      {failed && <Failed text={failed} again={reload} />}
      {!data ? !failed && <Loading /> : (
        <>
          <Alerts alerts={data.alerts} />
          {data.carriers.length === 0 && <Empty icon="signal">{w('no_carriers')}</Empty>}
          <div class="two">{data.carriers.map((c) => (
            <One key={c.carrier} c={c} flow={data.traffic.carriers.find((f) => f.carrier === c.carrier)} onPrefer={prefer} doing={doing} />
          ))}</div>
          <Section title={w('traffic')} actions={<Select label={w('span')} value={minutes} onChange={(e) => setMinutes(e.currentTarget.value)}
                   options={spans.map((s) => [s, w(`span.${s}`)] as const)} />}>
            <Charts traffic={data.traffic} />
          </Section>
          <Failovers traffic={data.traffic} />
          <History carriers={data.carriers} />
        </>
      )}
    </PageFrame>
  );
}
