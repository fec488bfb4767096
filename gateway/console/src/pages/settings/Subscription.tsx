// Subscription.tsx - the subscription, the way to Recurly's page where cards and invoices are, and what was metered.
import { get, type Schema } from '../../api';
import { billingWord } from '../../Billing';
import { dayTimeText } from '../../clock';
import { Empty, Failed, Icon, Loading, useLoad } from '../../ui';
import { t } from '../../words/words';
import { Section, State, Table } from '../parts';
import { called, w } from '../words';

export function Subscription() {
  const { data, failed, reload } = useLoad(() => get<Schema<'Billing'>>('/v1/billing'));
  if (!data) return failed ? <Failed text={failed} again={reload} /> : <Loading />;
  const { billing, manage_url, usage } = data;
  if (!billing) return <Section title={w('subscription')}><Empty icon="check">{w('no_billing')}</Empty></Section>;
  const word = billingWord(billing);
  const bad = billing.effect === 'read_only' || ['expired', 'failed'].includes(billing.state ?? '');
  const well = !word;
  return (
    <>
      <Section title={w('subscription')}>
        <p class="tags">
          <State kind={well ? 'good' : bad ? 'bad' : 'warn'} icon={well ? 'check' : 'warn'}>{called('subscription', billing.state ?? 'none')}</State>
          {billing.since && <span class="hint">{t('since', { time: dayTimeText(billing.since) })}</span>}
        </p>
        {word && <p>{t(word, { time: billing.until ? dayTimeText(billing.until) : '' })}</p>}
        {manage_url
          ? <p><a class="button main" href={manage_url} target="_blank" rel="noreferrer"><Icon name="away" />{w('manage_subscription')}</a></p>
          : <p class="hint">{w('no_manage_url')}</p>}
        <p class="hint">{w('cards_are_there')}</p>
      </Section>
      <Section title={w('usage')}>
        <p class="hint">{w('usage_hint')}</p>
        {usage.length === 0 ? <Empty icon="chart">{w('no_usage')}</Empty> : (
          <Table caption={w('usage')} head={[w('usage_day'), w('kind'), w('usage_state'), w('usage_amount')]} figures={3}
                 rows={usage.map((u, i) => [`${u.day} ${i}`, <span class="day">{u.day}</span>, called('usage_kind', u.kind),
                   <State kind={u.state === 'posted' ? 'good' : u.state === 'dropped' ? 'bad' : 'plain'}
                          icon={u.state === 'posted' ? 'check' : u.state === 'dropped' ? 'warn' : 'clock'}>{called('usage_state', u.state)}</State>,
                   u.amount] as const)} />
        )}
      </Section>
    </>
  );
}
