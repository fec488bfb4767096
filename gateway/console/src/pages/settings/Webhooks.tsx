// Webhooks.tsx - where events are posted to, what was posted, and what came of it.
import { useState } from 'preact/hooks';
import { get, patch, post, remove, type Schema } from '../../api';
import type { operations } from '../../api.d';
import { dayTimeText, secondsText } from '../../clock';
import { Button, Confirm, Dialog, Empty, Failed, Field, FormProblem, Loading, useForm, useLoad } from '../../ui';
import { t } from '../../words/words';
import { Secret, Section, State, useAct, useEvery } from '../parts';
import { called, w } from '../words';

type Endpoint = Schema<'Endpoint'>;
type WithSecret = Schema<'EndpointSecret'>;
type Delivery = Schema<'Delivery'>;
type EventType = NonNullable<NonNullable<operations['postWebhooks']['requestBody']>['content']['application/json']['types']>[number];

/** Every type of the document: the compiler misses none. */
const types = Object.keys({
  'message.queued': 1, 'message.unknown': 1, 'message.uncertain': 1, 'message.sent': 1, 'message.delivered': 1,
  'message.undelivered': 1, 'message.failed': 1, 'message.expired': 1, 'message.stopped': 1, 'message.cancelled': 1,
  'message.received': 1, 'conversation.consent': 1, 'conversation.read': 1, 'party.added': 1, 'party.changed': 1,
  'party.deleted': 1, 'booking.added': 1, 'booking.changed': 1, 'booking.deleted': 1,
} satisfies Record<EventType, 1>) as EventType[];

function Edit({ e, onClose, onMade, onSaved }: { e: Endpoint | null; onClose(): void; onMade(made: WithSecret): void; onSaved(): void }) {
  const [v, set] = useState({ url: e?.url ?? 'https://', description: e?.description ?? '' });
  const [chosen, choose] = useState<string[] | null>(e?.types ?? null);
  const { submit, busy, problem, of } = useForm(async () => {
    const body = { ...v, ...(chosen && chosen.length > 0 && { types: chosen }) };
    if (e) await patch(`/v1/webhooks/${e.id}`, chosen || !e.types ? body : { ...body, types });
    else onMade(await post<WithSecret>('/v1/webhooks', body));
    onSaved();
    onClose();
  });
  const flip = (x: string) => choose(types.filter((y) => (y === x ? !chosen!.includes(y) : chosen!.includes(y))));
  return (
    <Dialog title={w(e ? 'change_webhook' : 'new_webhook')} onClose={onClose} wide>
      <form class="form" onSubmit={submit}>
        <Field label={w('url')} type="url" hint={w('url_hint')} value={v.url} required problem={of('url')} onInput={(ev) => set({ ...v, url: ev.currentTarget.value })} />
        <Field label={w('description')} value={v.description} maxLength={200} problem={of('description')} onInput={(ev) => set({ ...v, description: ev.currentTarget.value })} />
        <fieldset class="choices">
          <legend>{w('which_events')}</legend>
          <label class={chosen ? '' : 'chosen'}><input type="checkbox" checked={!chosen} onChange={() => choose(chosen ? null : ['message.received'])} />{w('all_events')}</label>
          {chosen && types.map((x) => (
            <label key={x} class={chosen.includes(x) ? 'chosen' : ''}><input type="checkbox" checked={chosen.includes(x)} onChange={() => flip(x)} />{x}</label>
          ))}
          {of('types') && <p class="problem">{of('types')}</p>}
        </fieldset>
        <FormProblem problem={problem} fields={['url', 'description', 'types']} />
        <footer class="actions"><Button kind="main" type="submit" busy={busy}>{t('save')}</Button></footer>
      </form>
    </Dialog>
  );
}

// ---- what was posted ----

const marks = { waiting: ['warn', 'clock'], delivered: ['good', 'check'], failed: ['bad', 'warn'] } as const;

function Deliveries({ e, onClose }: { e: Endpoint; onClose(): void }) {
  const { data, failed, setData, reload } = useLoad(() => get<Schema<'DeliveryList'>>(`/v1/webhooks/${e.id}/deliveries?limit=30`), [e.id]);
  const { doing, act } = useAct();
  const [grown, setGrown] = useState(false);
  useEvery(3, () => { if (!grown) reload(); }, [grown]);
  const again = (d: Delivery) => act(d.id, async () => { await post(`/v1/webhooks/${e.id}/deliveries/${d.id}/replay`); reload(); });
  const older = () => act('older', async () => {
    const page = await get<Schema<'DeliveryList'>>(`/v1/webhooks/${e.id}/deliveries?limit=30&cursor=${data!.next_cursor}`);
    setGrown(true);
    setData({ data: [...data!.data, ...page.data], next_cursor: page.next_cursor });
  });
  return (
    <Dialog title={w('deliveries')} onClose={onClose} wide>
      <p class="hint wrap">{e.url}</p>
      {failed && <Failed text={failed} again={reload} />}
      {!data ? !failed && <Loading /> : data.data.length === 0 ? <Empty icon="send">{w('no_deliveries')}</Empty> : (
        <ul class="lines">{data.data.map((d) => (
          <li key={d.id}>
            <div>
              <p class="tags"><b>{d.type}</b> <State kind={marks[d.state][0]} icon={marks[d.state][1]}>{called('delivery', d.state)}</State>
                {d.last_status && <code>HTTP {d.last_status}</code>}</p>
              <p class="hint">{dayTimeText(d.created_at)} · {w('n_tries', { n: d.tries })}{d.next_try_at && ` · ${w('next_try', { time: secondsText(d.next_try_at) })}`}</p>
              {d.last_why && d.state !== 'delivered' && <p>{d.last_why}</p>}
              {d.last_answer && <p class="said" dir="auto">{d.last_answer}</p>}
            </div>
            {d.state !== 'waiting' && <Button icon="undo" busy={doing === d.id} aria-label={w('replay_what', { what: d.type })} onClick={() => again(d)}>{w('replay')}</Button>}
          </li>
        ))}</ul>
      )}
      <footer class="actions">
        {data?.next_cursor && <Button busy={doing === 'older'} onClick={older}>{t('older')}</Button>}
        <Button icon="undo" onClick={() => { setGrown(false); reload(); }}>{t('refresh')}</Button>
      </footer>
    </Dialog>
  );
}

// ---- one of them ----

type Open = 'edit' | 'deliveries' | 'rotate' | 'delete' | null;

function One({ e, onChanged, onSecret }: { e: Endpoint; onChanged(): void; onSecret(made: WithSecret): void }) {
  const [open, setOpen] = useState<Open>(null);
  const { doing, act } = useAct();
  const close = () => setOpen(null);
  const url = `/v1/webhooks/${e.id}`;
  const test = () => act('test', async () => { await post(`${url}/test`); setOpen('deliveries'); });
  const flip = () => act('flip', async () => { await patch(url, { enabled: !e.enabled }); onChanged(); });
  const show = () => act('secret', async () => onSecret(await get<WithSecret>(url)));
  const rotate = () => act('rotate', async () => { onSecret(await post<WithSecret>(`${url}/rotate`)); onChanged(); });
  const away = () => act('delete', async () => { await remove(url); onChanged(); });
  return (
    <article class="card">
      <header class="section-head">
        <h3 class="wrap">{e.url}</h3>
        <State kind={!e.enabled ? 'plain' : e.failing_since ? 'bad' : 'good'} icon={!e.enabled ? 'minus' : e.failing_since ? 'warn' : 'check'}>
          {w(!e.enabled ? 'switched_off' : e.failing_since ? 'failing' : 'switched_on')}</State>
      </header>
      {e.description && <p dir="auto">{e.description}</p>}
      <p class="hint">{e.types ? e.types.join(', ') : w('all_events')}</p>
      {e.disabled_why && <p class="note warn">{e.disabled_why}</p>}
      {e.failing_since && e.enabled && <p class="note warn">{w('failing_since', { time: dayTimeText(e.failing_since) })}</p>}
      {e.previous_secret_until && <p class="hint">{w('old_secret', { time: dayTimeText(e.previous_secret_until) })}</p>}
      <p class="actions left">
        <Button icon="send" busy={doing === 'test'} onClick={test}>{w('test')}</Button>
        <Button icon="list" onClick={() => setOpen('deliveries')}>{w('deliveries')}</Button>
        <Button icon="lock" busy={doing === 'secret'} onClick={show}>{w('secret')}</Button>
        <Button icon="edit" onClick={() => setOpen('edit')}>{w('change')}</Button>
        <Button busy={doing === 'flip'} onClick={flip}>{w(e.enabled ? 'switch_off' : 'switch_on')}</Button>
        <Button onClick={() => setOpen('rotate')}>{w('rotate')}</Button>
        <Button kind="danger" onClick={() => setOpen('delete')}>{t('delete')}</Button>
      </p>
      {open === 'edit' && <Edit e={e} onClose={close} onMade={onSecret} onSaved={onChanged} />}
      {open === 'deliveries' && <Deliveries e={e} onClose={close} />}
      {open === 'rotate' && <Confirm title={w('rotate')} yes={w('rotate')} onYes={rotate} onClose={close}><p>{w('rotate_why')}</p></Confirm>}
      {open === 'delete' && <Confirm title={w('delete_webhook')} yes={t('delete')} onYes={away} onClose={close}><p class="wrap">{e.url}</p></Confirm>}
    </article>
  );
}

export function Webhooks() {
  const [asking, ask] = useState(false);
  const [made, setMade] = useState<WithSecret | null>(null);
  const { data, failed, reload } = useLoad(async () => (await get<Schema<'EndpointList'>>('/v1/webhooks')).data);
  if (!data) return failed ? <Failed text={failed} again={reload} /> : <Loading />;
  return (
    <>
      <Section title={w('webhooks')} actions={<Button kind="main" icon="plus" onClick={() => ask(true)}>{w('new_webhook')}</Button>}>
        <p class="hint">{w('webhooks_hint')}</p>
        {data.length === 0 && <Empty icon="send">{w('no_webhooks')}</Empty>}
      </Section>
      {data.map((e) => <One key={e.id} e={e} onChanged={reload} onSecret={setMade} />)}
      {asking && <Edit e={null} onClose={() => ask(false)} onMade={setMade} onSaved={reload} />}
      {made && <Secret title={w('the_secret')} label={w('secret')} value={made.secret ?? ''} onClose={() => setMade(null)}><p>{w('secret_why')}</p></Secret>}
    </>
  );
}
