// Lock.tsx - the locked screen, and choosing a PIN.
import { useEffect, useRef, useState } from 'preact/hooks';
import { leave } from './session';
import { account } from './session';
import { lockScreen, setPin, unlock, wrong } from './pin';
import { Button, Dialog, Field, Icon } from './ui';
import { t } from './words/words';

export function Locked() {
  const [digits, setDigits] = useState('');
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  const submit = async (e: Event) => {
    e.preventDefault();
    setBusy(true);
    if (!await unlock(digits)) setDigits('');
    setBusy(false);
  };
  return (
    <main class="entry" id="main">
      <form ref={form} class="card" onSubmit={(e) => void submit(e)}>
        <h1><Icon name="lock" /> {account.value?.name}</h1>
        <Field label={t('pin')} type="password" inputMode="numeric" autoComplete="off" value={digits} maxLength={8}
               problem={wrong.value && t('pin_wrong')} onInput={(e) => setDigits(e.currentTarget.value)} />
        <div class="actions">
          <Button onClick={leave}>{t('sign_out')}</Button>
          <Button kind="main" type="submit" busy={busy}>{t('unlock')}</Button>
        </div>
      </form>
    </main>
  );
}

export function ChoosePin({ onClose }: { onClose(): void }) {
  const [digits, setDigits] = useState('');
  const fits = /^\d{4,8}$/.test(digits);
  const [tried, setTried] = useState(false);
  const submit = async (e: Event) => {
    e.preventDefault();
    setTried(true);
    if (!fits) return;
    await setPin(digits);
    lockScreen();
    onClose();
  };
  return (
    <Dialog title={t('pin_choose')} onClose={onClose}>
      <form class="form" onSubmit={(e) => void submit(e)}>
        <Field label={t('pin')} type="password" inputMode="numeric" autoComplete="off" value={digits} maxLength={8}
               hint={t('pin_hint')} problem={tried && !fits && t('pin_digits')} onInput={(e) => setDigits(e.currentTarget.value)} />
        <footer class="actions"><Button kind="main" type="submit">{t('lock')}</Button></footer>
      </form>
    </Dialog>
  );
}
