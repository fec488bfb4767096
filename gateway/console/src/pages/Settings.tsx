// Settings.tsx - the venue as its managers set it up: a list of sections, and the one that is open.
import { useEffect, useRef } from 'preact/hooks';
import { route } from '../route';
import { PageFrame, readSettings, settings } from '../Page';
import { complain, Icon, Loading, type IconName } from '../ui';
import { t } from '../words/words';
import { CheckIn, Numbers, TextsAndCalls, Venue, Waitlist } from './settings/Account';
import { Audit } from './settings/Audit';
import { Keys } from './settings/Keys';
import { Privacy } from './settings/Privacy';
import { Subscription } from './settings/Subscription';
import { Webhooks } from './settings/Webhooks';
import { w, type PageWord } from './words';

const every: { path: string; word: PageWord; icon: IconName; part: () => preact.JSX.Element }[] = [
  { path: 'venue', word: 'venue', icon: 'seat', part: Venue },
  { path: 'waitlist', word: 'waitlist', icon: 'list', part: Waitlist },
  { path: 'check-in', word: 'check_in_section', icon: 'phone', part: CheckIn },
  { path: 'texts', word: 'texts_and_calls', icon: 'chat', part: TextsAndCalls },
  { path: 'numbers', word: 'numbers', icon: 'signal', part: Numbers },
  { path: 'privacy', word: 'privacy', icon: 'lock', part: Privacy },
  { path: 'subscription', word: 'subscription', icon: 'check', part: Subscription },
  { path: 'keys', word: 'api_keys', icon: 'gear', part: Keys },
  { path: 'webhooks', word: 'webhooks', icon: 'send', part: Webhooks },
  { path: 'audit', word: 'audit', icon: 'clock', part: Audit },
];

export default function Settings() {
  const here = route.value.split('/')[1];
  const sections = every.filter((s) => s.path !== 'subscription' || settings.value?.billing);
  const section = sections.find((s) => s.path === here) ?? sections[0]!;
  const Part = section.part;
  const nav = useRef<HTMLElement>(null);
  useEffect(() => nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' }), [here]);
  useEffect(() => void readSettings().catch(complain), [here]); // another device may have changed them
  return (
    <PageFrame title={t('settings')}>
      <div class="settings">
        <nav ref={nav} class="sections" aria-label={t('settings')}>
          {sections.map((s) => (
            <a key={s.path} href={`#/settings/${s.path}`} aria-current={s === section ? 'page' : undefined}><Icon name={s.icon} />{w(s.word)}</a>
          ))}
        </nav>
        <div class="form">{settings.value ? <Part key={section.path} /> : <Loading />}</div>
      </div>
    </PageFrame>
  );
}
