// Keys.tsx - keys with which servers use the API in the venue's name.
import { useState } from 'preact/hooks';
import { get, post, remove, type Schema } from '../../api';
import { dayTimeText } from '../../clock';
import { Button, Check, Confirm, Dialog, Empty, Failed, Field, FormProblem, Loading, useForm, useLoad } from '../../ui';
import { Secret, Section, State, useAct } from '../parts';
import { called, w } from '../words';

type Key = Schema<'KeyList'>['data'][number];
type KeyMade = Schema<'KeyMade'>;

const scopes = ['read', 'write', 'manage'] as const;

function New({ onClose, onMade }: { onClose(): void; onMade(key: KeyMade): void }) {
  const [name, setName] = useState('');
  const [chosen, choose] = useState<readonly string[]>(['read', 'write']);
  const { submit, busy, problem, of } = useForm(async () => onMade(await post<KeyMade>('/v1/keys', { name, scopes: chosen })));
  const flip = (s: string) => choose(scopes.filter((x) => (x === s ? !chosen.includes(x) : chosen.includes(x))));
  return (
    <Dialog title={w('new_key')} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <Field label={w('key_for')} value={name} required maxLength={100} problem={of('name')} onInput={(e) => setName(e.currentTarget.value)} />
        <fieldset class="plain-set">
          <legend>{w('may')}</legend>
          {scopes.map((s) => <Check key={s} label={called('scope', s)} hint={called('scope_hint', s)} checked={chosen.includes(s)} onChange={() => flip(s)} />)}
          {of('scopes') && <p class="problem">{of('scopes')}</p>}
        </fieldset>
        <FormProblem problem={problem} fields={['name', 'scopes']} />
        <footer class="actions"><Button kind="main" type="submit" busy={busy}>{w('new_key')}</Button></footer>
      </form>
    </Dialog>
  );
}

export function Keys() {
  const [asking, ask] = useState(false);
  const [made, setMade] = useState<KeyMade | null>(null);
  const [ending, end] = useState<Key | null>(null);
  const { data, failed, reload } = useLoad(async () => (await get<Schema<'KeyList'>>('/v1/keys')).data);
  const { act } = useAct();
  if (!data) return failed ? <Failed text={failed} again={reload} /> : <Loading />;
  const revoke = (k: Key) => act(k.id, async () => { await remove(`/v1/keys/${k.id}`); reload(); });
  return (
    <Section title={w('api_keys')} actions={<Button kind="main" icon="plus" onClick={() => ask(true)}>{w('new_key')}</Button>}>
      <p class="hint">{w('keys_hint')} <a href="/docs">{w('api_docs')}</a></p>
      {data.length === 0 ? <Empty icon="gear">{w('no_keys')}</Empty> : (
        <ul class="lines">{data.map((k) => (
          <li key={k.id}>
            <div>
              <p class="tags"><b dir="auto">{k.name}</b> {k.scopes.map((s) => <State key={s} kind="plain">{called('scope', s)}</State>)}
                {k.state === 'revoked' && <State kind="bad" icon="close">{w('revoked')}</State>}</p>
              <p class="hint">{w('made_at', { time: dayTimeText(k.created_at) })} · {k.last_used_at ? w('last_used', { time: dayTimeText(k.last_used_at) }) : w('never_used')}</p>
            </div>
            {k.state === 'active' && <Button aria-label={w('revoke_what', { what: k.name })} onClick={() => end(k)}>{w('revoke')}</Button>}
          </li>
        ))}</ul>
      )}
      {asking && <New onClose={() => ask(false)} onMade={(k) => { ask(false); setMade(k); reload(); }} />}
      {made && <Secret title={made.name} label={w('the_key')} value={made.key ?? ''} onClose={() => setMade(null)}><p>{w('key_once')}</p></Secret>}
      {ending && <Confirm title={w('revoke_what', { what: ending.name })} yes={w('revoke')} onYes={() => revoke(ending)} onClose={() => end(null)}><p>{w('revoke_why')}</p></Confirm>}
    </Section>
  );
}
