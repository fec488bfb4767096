// Team.tsx - who works here, who is invited, and the devices on which I am signed in.
import { useState } from 'preact/hooks';
import { all, get, patch, post, remove, type Schema } from '../api';
import { dayTimeText } from '../clock';
import { session } from '../session';
import { PageFrame } from '../Page';
import { Button, Confirm, Dialog, Failed, Field, FormProblem, Loading, say, Select, useForm, useLoad } from '../ui';
import { t } from '../words/words';
import { Copy, Section, State, useAct, useEvery } from './parts';
import { Qr } from './Qr';
import { called, w } from './words';

type User = Schema<'UserList'>['data'][number];
type Invitation = Schema<'InvitationList'>['data'][number];
type SignedIn = Schema<'SessionList'>['data'][number];
type Role = User['role'];
type StandMade = Schema<'StandMade'>;

const roles = () => [['host', w('role.host')], ['manager', w('role.manager')]] as const;

// ---- people ----

function Person({ u, onChanged }: { u: User; onChanged(): void }) {
  const me = u.id === session.value?.user.id;
  const [removing, setRemoving] = useState(false);
  const { doing, act } = useAct();
  const change = (what: string, body: object) => act(what, async () => { await patch(`/v1/users/${u.id}`, body); onChanged(); });
  const away = () => act('remove', async () => { await remove(`/v1/users/${u.id}`); onChanged(); });
  const off = u.state === 'disabled';
  return (
    <li>
      <div>
        <p class="tags"><b dir="auto">{u.name}</b> {me && <State kind="plain">{w('you')}</State>}
          {off && <State kind="bad" icon="lock">{w('disabled')}</State>}</p>
        <p class="hint">{u.login} · {u.last_seen_at ? w('last_seen', { time: dayTimeText(u.last_seen_at) }) : w('never_seen')}</p>
      </div>
      {me ? <span>{called('role', u.role)}</span> : (
        <span class="actions">
          <Select label={w('role_of', { name: u.name })} value={u.role} options={roles()} disabled={doing === 'role'}
                  onChange={(e) => change('role', { role: e.currentTarget.value })} />
          <Button icon="lock" busy={doing === 'disabled'} aria-label={w(off ? 'enable_who' : 'disable_who', { name: u.name })}
                  onClick={() => change('disabled', { disabled: !off })}>{w(off ? 'enable' : 'disable')}</Button>
          <Button icon="close" label={w('remove_who', { name: u.name })} onClick={() => setRemoving(true)} />
        </span>
      )}
      {removing && <Confirm title={w('remove_who', { name: u.name })} yes={w('remove')} onYes={away} onClose={() => setRemoving(false)}><p>{w('remove_why')}</p></Confirm>}
    </li>
  );
}

// ---- invitations ----

function Invite({ onClose, onMade }: { onClose(): void; onMade(): void }) {
  const [v, set] = useState({ name: '', email: '', role: 'host' as Role });
  const { submit, busy, problem, of } = useForm(async () => {
    await post('/v1/invitations', v);
    say(w('invited', { email: v.email }));
    onMade();
    onClose();
  });
  return (
    <Dialog title={w('invite')} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <p class="hint">{w('invite_hint')}</p>
        <Field label={t('name')} value={v.name} required problem={of('name')} onInput={(e) => set({ ...v, name: e.currentTarget.value })} />
        <Field label={t('email')} type="email" value={v.email} required problem={of('email')} onInput={(e) => set({ ...v, email: e.currentTarget.value })} />
        <Select label={w('role')} hint={called('role_hint', v.role)} value={v.role} options={roles()} onChange={(e) => set({ ...v, role: e.currentTarget.value as Role })} />
        <FormProblem problem={problem} fields={['name', 'email']} />
        <footer class="actions"><Button kind="main" icon="send" type="submit" busy={busy}>{w('send_invitation')}</Button></footer>
      </form>
    </Dialog>
  );
}

const linkMarks = { waiting: ['warn', 'clock'], used: ['good', 'check'], revoked: ['plain', 'close'], expired: ['plain', 'clock'] } as const;

function Invited({ i, onChanged }: { i: Invitation; onChanged(): void }) {
  const { doing, act } = useAct();
  const [kind, icon] = linkMarks[i.state];
  const again = () => act('again', async () => { await post(`/v1/invitations/${i.id}/resend`); say(w('invited', { email: i.email })); onChanged(); });
  const back = () => act('back', async () => { await remove(`/v1/invitations/${i.id}`); onChanged(); });
  return (
    <li>
      <div>
        <p class="tags"><b dir="auto">{i.name}</b> <State kind={kind} icon={icon}>{called('link', i.state)}</State>
          {i.state === 'waiting' && i.mail !== 'none' && <State kind={i.mail === 'failed' ? 'bad' : 'plain'} icon={i.mail === 'failed' ? 'warn' : undefined}>{called('mail', i.mail)}</State>}</p>
        <p class="hint">{i.email} · {called('role', i.role)} · {w('made_by', { name: i.invited_by ?? '–', time: dayTimeText(i.created_at) })}
          {i.state === 'waiting' && ` · ${w('good_until', { time: dayTimeText(i.expires_at) })}`}</p>
        {i.mail_problem && i.state === 'waiting' && <p class="problem">{i.mail_problem}</p>}
      </div>
      {i.state === 'waiting' && (
        <span class="actions">
          {i.mail !== 'none' && <Button icon="send" busy={doing === 'again'} aria-label={w('resend_to', { name: i.name })} onClick={again}>{w('resend')}</Button>}
          <Button icon="close" busy={doing === 'back'} label={w('revoke_of', { name: i.name })} onClick={back} />
        </span>
      )}
    </li>
  );
}

// ---- a shared device ----

function SetUp({ made, onClose }: { made: StandMade; onClose(): void }) {
  const address = `${location.origin}/join#${made.setup_code}`;
  return (
    <Dialog title={w('stand_made', { name: made.name })} onClose={onClose} wide>
      <p>{w('stand_how')}</p>
      <div class="with-qr">
        <Qr text={address} label={w('stand_qr')} />
        <div class="form">
          <Copy label={w('link_to_open')} value={address} />
          <Copy label={w('or_code', { address: `${location.host}/join` })} value={made.setup_code ?? ''} />
          <p class="hint">{w('shown_once')} {w('good_until', { time: dayTimeText(made.expires_at) })}</p>
        </div>
      </div>
      <footer class="actions"><Button kind="main" onClick={onClose}>{w('have_it')}</Button></footer>
    </Dialog>
  );
}

function Stand({ onClose, onMade }: { onClose(): void; onMade(made: StandMade): void }) {
  const [v, set] = useState({ name: '', login: '' });
  const { submit, busy, problem, of } = useForm(async () => onMade(await post<StandMade>('/v1/stands', v)));
  return (
    <Dialog title={w('add_stand')} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <p class="hint">{w('stand_hint')}</p>
        <Field label={t('name')} hint={w('stand_name_hint')} value={v.name} required problem={of('name')} onInput={(e) => set({ ...v, name: e.currentTarget.value })} />
        <Field label={w('stand_login')} hint={w('stand_login_hint')} value={v.login} required minLength={3} autoCapitalize="none" problem={of('login')}
               onInput={(e) => set({ ...v, login: e.currentTarget.value })} />
        <FormProblem problem={problem} fields={['name', 'login']} />
        <footer class="actions"><Button kind="main" type="submit" busy={busy}>{w('add_stand')}</Button></footer>
      </form>
    </Dialog>
  );
}

// ---- my sessions ----

/** "Chrome, Android" of what a browser calls itself. */
function deviceText(agent: string | null): string {
  const a = agent ?? '';
  const program = /Edg|OPR|Firefox|Chrome|Safari/.exec(a)?.[0];
  const device = /iPhone|iPad|Android|Windows|Macintosh|CrOS|Linux/.exec(a)?.[0];
  return [program?.replace('Edg', 'Edge').replace('OPR', 'Opera'), device?.replace('Macintosh', 'Mac').replace('CrOS', 'Chromebook')]
    .filter(Boolean).join(', ') || w('some_device');
}

function Sessions() {
  const { data, failed, reload } = useLoad(async () => (await get<Schema<'SessionList'>>('/v1/sessions')).data);
  const { doing, act } = useAct();
  if (!data) return failed ? <Failed text={failed} again={reload} /> : <Loading />;
  const end = (s: SignedIn) => act(s.id, async () => { await remove(`/v1/sessions/${s.id}`); reload(); });
  const others = () => act('others', async () => {
    const { ended } = await post<Schema<'EndedCount'>>('/v1/sessions/end-others');
    say(w('ended_n', { n: ended }));
    reload();
  });
  return (
    <Section title={w('my_sessions')} actions={data.length > 1 && <Button icon="away" busy={doing === 'others'} onClick={others}>{w('end_others')}</Button>}>
      <ul class="lines">{data.map((s) => (
        <li key={s.id}>
          <div>
            <p class="tags"><b>{deviceText(s.agent)}</b> {s.current && <State kind="good" icon="check">{w('this_device')}</State>}</p>
            <p class="hint">{w('signed_in', { time: dayTimeText(s.created_at) })} · {w('last_seen', { time: dayTimeText(s.last_seen_at) })}{s.ip && ` · ${s.ip}`}</p>
          </div>
          {!s.current && <Button icon="away" busy={doing === s.id} onClick={() => end(s)}>{w('end')}</Button>}
        </li>
      ))}</ul>
    </Section>
  );
}

// ---- the whole ----

export default function Team() {
  const [open, setOpen] = useState<'invite' | 'stand' | null>(null);
  const [made, setMade] = useState<StandMade | null>(null);
  const { data, failed, reload } = useLoad(async () => {
    const [users, invitations] = await Promise.all([get<Schema<'UserList'>>('/v1/users'), all<Invitation>('/v1/invitations', 200)]);
    return { users: users.data, invitations };
  });
  useEvery(10, reload, []);
  return (
    <PageFrame title={t('team')} actions={(
      <>
        <Button kind="main" icon="plus" onClick={() => setOpen('invite')}>{w('invite')}</Button>
        <Button icon="plus" onClick={() => setOpen('stand')}>{w('add_stand')}</Button>
      </>
    )}>
      {failed && <Failed text={failed} again={reload} />}
      {!data ? !failed && <Loading /> : (
        <>
          <Section title={w('people')}><ul class="lines">{data.users.map((u) => <Person key={u.id} u={u} onChanged={reload} />)}</ul></Section>
          <Section title={w('invitations')}>
            {data.invitations.length === 0 ? <p class="hint">{w('no_invitations')}</p>
              : <ul class="lines">{data.invitations.map((i) => <Invited key={i.id} i={i} onChanged={reload} />)}</ul>}
          </Section>
        </>
      )}
      <Sessions />
      {open === 'invite' && <Invite onClose={() => setOpen(null)} onMade={reload} />}
      {open === 'stand' && <Stand onClose={() => setOpen(null)} onMade={(m) => { setOpen(null); setMade(m); reload(); }} />}
      {made && <SetUp made={made} onClose={() => setMade(null)} />}
    </PageFrame>
  );
}
