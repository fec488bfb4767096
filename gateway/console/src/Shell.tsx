// Shell.tsx - what stands around every page of a signed-in member of staff: where they are, where to go.
import type { ComponentType } from 'preact';
import { lazy, Suspense } from 'preact/compat';
import { useEffect, useRef, useState } from 'preact/hooks';
import { attend, Board, Heard } from './board/Board';
import { unread } from './board/visits';
import { look, visible } from './device';
import { ChoosePin } from './Lock';
import { canLock, lockScreen, pin } from './pin';
import { BillingBanner } from './Billing';
import { demo } from './demo';
import { readSettings } from './Page';
import { route } from './route';
import { account, enter, isManager, session, signOut } from './session';
import { Button, complain, Icon, Loading, Select, Toasts, type IconName } from './ui';
import { language, languageNames, t, type Language, type Word } from './words/words';

interface Page { path: string; word: Word; icon: IconName; manager?: boolean; demo?: boolean; page: ComponentType }

const later = (load: () => Promise<{ default: ComponentType }>) => lazy(load);

const pages: Page[] = [
  { path: 'board', word: 'board', icon: 'list', page: Board },
  { path: 'carriers', word: 'carriers', icon: 'signal', page: later(() => import('./pages/Carriers')) },
  { path: 'reports', word: 'reports', icon: 'chart', manager: true, page: later(() => import('./pages/Reports')) },
  { path: 'templates', word: 'templates', icon: 'text', page: later(() => import('./pages/Templates')) },
  { path: 'team', word: 'team', icon: 'people', manager: true, page: later(() => import('./pages/Team')) },
  { path: 'settings', word: 'settings', icon: 'gear', manager: true, page: later(() => import('./pages/Settings')) },
  { path: 'phones', word: 'phones', icon: 'phone', demo: true, page: later(() => import('./pages/Phones')) },
];

function Nav() {
  const here = route.value.split('/')[0];
  return (
    <nav class="nav" aria-label={t('menu')}>
      {pages.filter((p) => (!p.manager || isManager.value) && (!p.demo || demo)).map((p) => (
        <a key={p.path} href={`#/${p.path}`} aria-current={p.path === here ? 'page' : undefined}>
          <Icon name={p.icon} /><span>{t(p.word)}</span>
          {p.path === 'board' && unread.value > 0 && <b class="count">{unread.value}</b>}
        </a>
      ))}
    </nav>
  );
}

/** Who is here, how the device looks, the way out. */
function Me() {
  const [open, setOpen] = useState(false);
  const [choosing, setChoosing] = useState(false);
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const elsewhere = (e: Event) => { if (!ref.current?.contains(e.target as Node)) setOpen(false); };
    document.addEventListener('pointerdown', elsewhere);
    return () => document.removeEventListener('pointerdown', elsewhere);
  }, []);
  const others = session.value?.accounts ?? [];
  const lock = () => { setOpen(false); if (pin.value) lockScreen(); else setChoosing(true); };
  return (
    <div class="me" ref={ref} onKeyDown={(e) => { if (e.key === 'Escape') setOpen(false); }}>
      {others.length > 1 && (
        <select class="venues" aria-label={t('venue')} value={account.value?.id}
                onChange={(e) => void enter(e.currentTarget.value).catch(complain)}>
          {others.map((a) => <option key={a.id} value={a.id} selected={a.id === account.value?.id}>{a.name}</option>)}
        </select>
      )}
      {canLock && <Button icon="lock" kind="bare" label={t('lock')} onClick={lock} />}
      <button type="button" class="button bare who-am-i" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span>{session.value?.user.name}</span><Icon name="down" />
      </button>
      {open && (
        <div class="popover">
          <Select label={t('language')} value={language.value} options={Object.entries(languageNames)}
                  onChange={(e) => { language.value = e.currentTarget.value as Language; }} />
          <Select label={t('look')} value={look.value} onChange={(e) => { look.value = e.currentTarget.value as typeof look.value; }}
                  options={[['auto', t('look.auto')], ['light', t('look.light')], ['dark', t('look.dark')]]} />
          <Button icon="away" onClick={() => void signOut().catch(() => undefined)}>{t('sign_out')}</Button>
        </div>
      )}
      {choosing && <ChoosePin onClose={() => setChoosing(false)} />}
    </div>
  );
}

export function Shell() {
  useEffect(() => {
    const read = () => void readSettings().catch(() => undefined);
    read();
    const timer = setInterval(() => { if (visible.value) read(); }, 60_000); // a subscription may end meanwhile
    return () => clearInterval(timer);
  }, [account.value?.id]);
  useEffect(attend, [account.value?.id]);
  const here = route.value.split('/')[0];
  const page = pages.find((p) => p.path === here && (!p.manager || isManager.value)) ?? pages[0]!;
  const Shown = page.page;
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={(e) => { e.preventDefault(); document.getElementById('main')?.querySelector<HTMLElement>('button, a')?.focus(); }}>{t('skip')}</a>
      <div>
        <header class="top">
          <span class="brand"><img src="/console/icon.svg" alt="" width="28" height="28" /><b dir="auto">{account.value?.name}</b></span>
          <Nav />
          <Me />
        </header>
        <BillingBanner />
      </div>
      <Suspense fallback={<Loading />}><Shown key={account.value?.id} /></Suspense>
      <Heard />
      <Toasts />
    </div>
  );
}
