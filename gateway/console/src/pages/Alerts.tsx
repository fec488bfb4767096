// Alerts.tsx - what is wrong now: each cause once, with what to do about it.
import { useState } from 'preact/hooks';
import type { Schema } from '../api';
import { Why } from '../board/Why';
import { dayTimeText, timeText } from '../clock';
import { isManager } from '../session';
import { Button, Icon } from '../ui';
import { Section, State } from './parts';
import { w } from './words';

type Alert = Schema<'AlertList'>['data'][number];

/** Where an example leads: what became of a message, or the page where it can be mended. */
function Example({ id, n, onWhy }: { id: string; n: number; onWhy(id: string): void }) {
  if (id.startsWith('msg_')) return <Button icon="help" onClick={() => onWhy(id)}>{w('example', { n })}</Button>;
  const page = { end: 'settings/webhooks', lnk: 'team', cnv: 'board' }[id.slice(0, 3)];
  return page === 'board' || isManager.value ? <a class="button plain" href={`#/${page}`}>{w('go_there')}</a> : null;
}

function One({ a, onWhy }: { a: Alert; onWhy(id: string): void }) {
  const bad = a.level === 'error';
  const shown = a.examples.every((id) => id.startsWith('msg_')) ? a.examples : a.examples.slice(0, 1);
  return (
    <li class={`alert ${a.level}`}>
      <Icon name={bad ? 'warn' : 'bell'} />
      <div>
        <p><State kind={bad ? 'bad' : 'warn'}>{w(bad ? 'level.error' : 'level.warning')}</State> <b>{a.title}</b></p>
        <p>{a.fix}</p>
        <p class="facts">
          {a.count > 1 ? w('n_times_between', { n: a.count, from: dayTimeText(a.first_at), to: timeText(a.last_at) })
            : w('since', { time: dayTimeText(a.first_at) })}
          {a.code && <> · <code>{a.code}</code></>}
        </p>
        {shown.length > 0 && <p class="actions left">{shown.map((id, i) => <Example key={id} id={id} n={i + 1} onWhy={onWhy} />)}</p>}
      </div>
    </li>
  );
}

export function Alerts({ alerts }: { alerts: Alert[] }) {
  const [why, setWhy] = useState('');
  return (
    <Section title={w('alerts')}>
      {alerts.length === 0 ? <p class="all-well"><Icon name="check" /> {w('all_well')}</p>
        : <ul class="alerts">{alerts.map((a) => <One key={a.cause + a.code + a.carrier + a.title} a={a} onWhy={setWhy} />)}</ul>}
      {why && <Why id={why} onClose={() => setWhy('')} />}
    </Section>
  );
}
