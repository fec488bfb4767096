// Account.tsx - the sections of the settings that change the account itself.
import { createPortal } from 'preact/compat';
import { settings } from '../../Page';
import { Button } from '../../ui';
import { en } from '../../words/en';
import { es } from '../../words/es';
import { fr } from '../../words/fr';
import { languageNames, named, type Language } from '../../words/words';
import { Copy, Section, State, Table } from '../parts';
import { Qr } from '../Qr';
import { called, w } from '../words';
import { AccountForm, type Fields } from './AccountForm';

const languages = Object.entries(languageNames);
const zones = Intl.supportedValuesOf('timeZone');

export function Venue() {
  return (
    <AccountForm title={w('venue')}>{(f) => (
      <>
        {f.text('name', { maxLength: 100, required: true })}
        {f.text('zone', { list: 'zones', required: true })}
        <datalist id="zones">{zones.map((z) => <option key={z} value={z} />)}</datalist>
        {f.text('phone', { type: 'tel', autoComplete: 'tel' })}
        {f.choice('language', languages)}
      </>
    )}</AccountForm>
  );
}

export function Waitlist() {
  return (
    <AccountForm title={w('waitlist')}>{(f) => (
      <>
        <div class="two">
          {f.number('hold_minutes', 1, 120)}
          {f.number('more_minutes', 1, 60)}
          {f.number('almost_place', 1, 20)}
          {f.number('second_notice_minutes', 0, 60)}
          {f.number('default_wait_minutes', 0, 600)}
        </div>
        {f.check('estimates')}
        {f.check('show_wait')}
      </>
    )}</AccountForm>
  );
}

// ---- guests put themselves down ----

/** On paper, for the door: in the guests' languages. */
function Sign({ address }: { address: string }) {
  return createPortal(
    <section class="printed sign" aria-hidden="true">
      <h1>{settings.value?.name}</h1>
      <Qr text={address} label={address} />
      {Object.keys(languageNames).map((l) => <p key={l} lang={l}>{called('sign', l)}</p>)}
      <p class="address">{address.replace(/^https?:\/\//, '')}</p>
    </section>, document.body);
}

export function CheckIn() {
  const account = settings.value!;
  const address = `${location.origin}/w/${account.check_in_code}`;
  return (
    <>
      <AccountForm title={w('check_in_section')}>{(f) => f.check('check_in')}</AccountForm>
      {account.check_in && (
        <Section title={w('check_in_page')} actions={<Button icon="print" onClick={() => print()}>{w('print_sign')}</Button>}>
          <div class="with-qr">
            <Qr text={address} label={w('check_in_qr')} />
            <div class="form">
              <p>{w('check_in_how')}</p>
              <Copy label={w('address')} value={address} />
              <p><a href={address} target="_blank" rel="noreferrer">{w('see_page')}</a></p>
            </div>
          </div>
          <Sign address={address} />
        </Section>
      )}
    </>
  );
}

// ---- texts and calls ----

const before = ['7d', '3d', '2d', '1d', '12h', '6h', '4h', '3h', '2h', '1h'] as const;

function beforeText(key: string): string {
  const n = parseInt(key, 10);
  return w(key.endsWith('d') ? 'days_before' : 'hours_before', { n });
}

function Reminders({ f }: { f: Fields }) {
  const chosen = f.value('reminders');
  const flip = (key: string) => {
    const next = before.filter((b) => (b === key ? !chosen.includes(b) : chosen.includes(b)));
    f.set('reminders', next.length ? next : ['none']);
  };
  return (
    <fieldset class="choices">
      <legend>{w('reminders')}</legend>
      {before.map((b) => (
        <label key={b} class={chosen.includes(b) ? 'chosen' : ''}>
          <input type="checkbox" checked={chosen.includes(b)} onChange={() => flip(b)} />{beforeText(b)}
        </label>
      ))}
      {f.of('reminders') && <p class="problem">{f.of('reminders')}</p>}
    </fieldset>
  );
}

const asked: Record<Language, string> = { en: en.ask_consent, es: es.ask_consent, fr: fr.ask_consent };

export function TextsAndCalls() {
  return (
    <>
      <AccountForm title={w('texts_and_calls')}>{(f) => (
        <>
          {f.choice('notify_by', (['sms', 'voice', 'auto'] as const).map((x) => [x, called('notify', x)] as const))}
          {f.value('notify_by') === 'auto' && f.number('call_after_minutes', 1, 60)}
          {f.choice('voice', (['woman', 'man'] as const).map((x) => [x, called('voice', x)] as const))}
          {f.check('voicemail')}
          {f.check('fold_texts')}
          <Reminders f={f} />
          <div class="two">{f.text('quiet_from', { type: 'time', required: true })}{f.text('quiet_until', { type: 'time', required: true })}</div>
          {f.text('help', { maxLength: 300 })}
        </>
      )}</AccountForm>
      <Section title={w('consent')}>
        <p>{w('consent_how')}</p>
        {languages.map(([l, own]) => (
          <blockquote key={l} class="spoken" lang={l}><p class="hint">{own}</p><p>{asked[l as Language].match(/[“«][^”»]+[”»]/)?.[0] ?? asked[l as Language]}</p></blockquote>
        ))}
      </Section>
    </>
  );
}

export function Numbers() {
  const { numbers } = settings.value!;
  return (
    <Section title={w('numbers')}>
      <p class="hint">{w('numbers_hint')}</p>
      {numbers.length === 0 ? <p>{w('no_numbers')}</p> : (
        <Table caption={w('numbers')} head={[w('number'), w('carrier'), w('kind'), w('calls')]}
               rows={numbers.map((n) => [n.phone + n.carrier, n.phone, named('carrier', n.carrier), called('number_kind', n.kind),
                 n.calls ? <State kind="good" icon="check">{w('yes')}</State> : w('no')] as const)} />
      )}
    </Section>
  );
}
