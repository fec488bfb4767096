// Audit.tsx - who did what from where, and whether anybody has changed that record.
import { useState } from 'preact/hooks';
import { get, type Schema } from '../../api';
import { dayTimeText } from '../../clock';
import { Button, Failed, Icon, Loading, useLoad } from '../../ui';
import { t } from '../../words/words';
import { Section, Table, useAct } from '../parts';
import { called, w } from '../words';

type Page = Schema<'AuditList'>;
type Entry = Page['data'][number];
type Checked = Schema<'AuditCheck'>;

/** What changed: "role: host, name: Bo". */
const detailText = (detail: Entry['detail']) => Object.entries(detail)
  .map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`).join(', ');

function Result({ c }: { c: Checked }) {
  return (
    <div class={`note ${c.intact ? 'good' : 'bad'}`} role="status">
      <Icon name={c.intact ? 'check' : 'warn'} />
      <div>
        <p><b>{c.intact ? w('intact', { n: c.entries }) : w('broken_at', { n: c.broken_at ?? 0 })}</b></p>
        {c.head && <p class="wrap">{w('head')} <code>{c.head}</code></p>}
      </div>
    </div>
  );
}

export function Audit() {
  const { data, failed, setData, reload } = useLoad(() => get<Page>('/v1/audit?limit=50'));
  const [checked, setChecked] = useState<Checked | null>(null);
  const { doing, act } = useAct();
  if (!data) return failed ? <Failed text={failed} again={reload} /> : <Loading />;
  const check = () => act('check', async () => setChecked(await get<Checked>('/v1/audit/check')));
  const older = () => act('older', async () => {
    const page = await get<Page>(`/v1/audit?limit=50&cursor=${data.next_cursor}`);
    setData({ data: [...data.data, ...page.data], next_cursor: page.next_cursor });
  });
  return (
    <Section title={w('audit')} actions={<Button icon="checks" busy={doing === 'check'} onClick={check}>{w('check_chain')}</Button>}>
      <p class="hint">{w('audit_hint')}</p>
      {checked && <Result c={checked} />}
      <Table caption={w('audit')} head={[w('time'), w('who'), w('did'), w('to_what'), w('from_where')]}
             rows={data.data.map((e) => [String(e.ordinal), dayTimeText(e.at), e.who ?? e.actor,
               <span>{called('act', e.action)}{detailText(e.detail) && <span class="hint wrap"> {detailText(e.detail)}</span>}</span>,
               e.subject ? <code class="wrap">{e.subject}</code> : '–', e.ip ?? '–'] as const)} />
      {data.next_cursor && <p class="actions"><Button busy={doing === 'older'} onClick={older}>{t('older')}</Button></p>}
    </Section>
  );
}
