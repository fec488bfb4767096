// Billing.tsx - what a subscription means for whoever looks: to managers what to see to, to hosts what does not work.
import { dayTimeText } from './clock';
import { settings } from './Page';
import { isManager } from './session';
import { Icon } from './ui';
import { t, type Word } from './words/words';

type State = NonNullable<NonNullable<typeof settings.value>['billing']>;

/** What to say of it; null: nothing. */
export function billingWord({ state, effect, until }: State): Word | null {
  if (effect !== 'none') return effect === 'read_only' ? 'billing.read_only' : 'billing.texting_off';
  if (state === 'past_due') return 'billing.past_due';
  if (state === 'canceled') return until ? 'billing.canceled' : null;
  return state === 'expired' || state === 'failed' ? 'billing.ending' : null;
}

export function BillingBanner() {
  const billing = settings.value?.billing;
  const word = billing && billingWord(billing);
  if (!billing || !word) return null;
  const bad = billing.effect === 'read_only' || word === 'billing.ending';
  return (
    <div class={`note banner ${bad ? 'bad' : 'warn'}`} role="status">
      <Icon name="warn" />
      <p>{t(word, { time: billing.until ? dayTimeText(billing.until) : '' })}{' '}
        {isManager.value ? <a href="#/settings/subscription">{t('billing.manage')}</a> : t('billing.tell')}</p>
    </div>
  );
}
