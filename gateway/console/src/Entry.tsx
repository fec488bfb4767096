// Entry.tsx - before somebody is signed in: sign in, open an account, ask for a new password.
import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { post } from './api';
import { demo, DEMO } from './demo';
import { go, route } from './route';
import { signIn } from './session';
import { Button, Field, FormProblem, Select, useForm } from './ui';
import { language, languageNames, t, type Language } from './words/words';

const mailed = signal('');

function SignIn() {
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const { submit, busy, problem, of } = useForm(() => signIn(login, password));
  const enterDemo = useForm(() => signIn(DEMO.login, DEMO.password));
  return (
    <>
      <form onSubmit={submit} class="form">
        <h1>{t('sign_in')}</h1>
        <Field label={t('login')} value={login} autoComplete="username" required problem={of('login')} onInput={(e) => setLogin(e.currentTarget.value)} />
        <Field label={t('password')} type="password" value={password} autoComplete="current-password" required problem={of('password')}
               onInput={(e) => setPassword(e.currentTarget.value)} />
        <FormProblem problem={problem} fields={['login', 'password']} />
        <Button kind="main" type="submit" busy={busy}>{t('sign_in')}</Button>
        <p class="ways"><a href="#/sign-up">{t('sign_up')}</a> <a href="#/forgot">{t('forgot')}</a></p>
      </form>
      {demo && (
        <form onSubmit={enterDemo.submit} class="form demo">
          <p>{t('demo_why')}</p>
          <FormProblem problem={enterDemo.problem} />
          <Button kind="main" icon="seat" type="submit" busy={enterDemo.busy}>{t('demo_enter')}</Button>
        </form>
      )}
    </>
  );
}

function SignUp() {
  const [v, set] = useState({ email: '', name: '', venue: '', password: '' });
  const { submit, busy, problem, of } = useForm(async () => {
    await post('/v1/signup', { ...v, zone: Intl.DateTimeFormat().resolvedOptions().timeZone });
    mailed.value = v.email;
    go('mailed');
  });
  const field = (name: keyof typeof v, more: Parameters<typeof Field>[0]) => (
    <Field {...more} value={v[name]} required problem={of(name)} onInput={(e) => set({ ...v, [name]: e.currentTarget.value })} />
  );
  return (
    <form onSubmit={submit} class="form">
      <h1>{t('sign_up')}</h1>
      {field('venue', { label: t('venue_name'), autoComplete: 'organization' })}
      {field('name', { label: t('your_name'), autoComplete: 'name' })}
      {field('email', { label: t('email'), type: 'email', autoComplete: 'email' })}
      {field('password', { label: t('password'), type: 'password', autoComplete: 'new-password', hint: t('password_hint') })}
      <FormProblem problem={problem} fields={['email', 'name', 'venue', 'password']} />
      <Button kind="main" type="submit" busy={busy}>{t('sign_up')}</Button>
      <p class="ways"><a href="#/">{t('sign_in')}</a></p>
    </form>
  );
}

function Forgot() {
  const [email, setEmail] = useState('');
  const { submit, busy, problem, of } = useForm(async () => {
    await post('/v1/password/forgot', { email });
    mailed.value = email;
    go('mailed');
  });
  return (
    <form onSubmit={submit} class="form">
      <h1>{t('forgot')}</h1>
      <Field label={t('email')} type="email" value={email} autoComplete="email" required problem={of('email')}
             onInput={(e) => setEmail(e.currentTarget.value)} />
      <FormProblem problem={problem} fields={['email']} />
      <Button kind="main" type="submit" busy={busy}>{t('send_link')}</Button>
      <p class="ways"><a href="#/">{t('sign_in')}</a></p>
    </form>
  );
}

const Mailed = () => (
  <div class="form">
    <h1>{t('mailed')}</h1>
    <p>{t('mailed_why', { email: mailed.value })}</p>
    <p class="ways"><a href="#/">{t('sign_in')}</a></p>
  </div>
);

const forms: Record<string, () => JSX.Element> = { 'sign-up': SignUp, forgot: Forgot, mailed: Mailed };

export function Entry() {
  const Form = forms[route.value] ?? SignIn;
  return (
    <main class="entry" id="main">
      <div class="card">
        <p class="brand"><img src="/console/icon.svg" alt="" width="40" height="40" /><b>maitred</b></p>
        <Form />
        <Select label={t('language')} value={language.value} options={Object.entries(languageNames)}
                onChange={(e) => { language.value = e.currentTarget.value as Language; }} />
      </div>
    </main>
  );
}
