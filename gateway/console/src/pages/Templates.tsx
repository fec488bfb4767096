// Templates.tsx - what guests are told of each event, in each language, and what staff say often.
import { useEffect, useRef, useState } from 'preact/hooks';
import { call, get, patch, post, put, remove, type Schema } from '../api';
import { isManager } from '../session';
import { segments } from '../segments';
import { PageFrame, settings } from '../Page';
import { Button, Check, Confirm, Dialog, Empty, Failed, Field, FormProblem, Icon, Loading, say, Select, useForm, useLoad } from '../ui';
import { language, languageNames, named, t } from '../words/words';
import { Section, State, useAct } from './parts';
import { called, w } from './words';

type Template = Schema<'Template'>;
type Preview = Schema<'TextPreview'>;
type QuickReply = Schema<'QuickReply'>;
type TemplateLanguage = Template['language'];

const path = (x: Template) => `/v1/templates/${x.event}/${x.language}`;

/** How many parts a text takes, and what makes it dear. */
function Parts({ segments: n, encoding }: { segments: number; encoding: string }) {
  return (
    <>
      <State kind={n > 1 ? 'warn' : 'plain'}>{t('n_segments', { n })}</State>
      {encoding === 'UCS-2' && <State kind="warn">{w('ucs2')}</State>}
    </>
  );
}

// ---- one text ----

/** The text as a guest reads it: asked for when somebody has paused typing. */
function usePreview(x: Template, body: string, name: string) {
  const [preview, setPreview] = useState<Preview>();
  useEffect(() => {
    const off = new AbortController();
    const timer = setTimeout(() => {
      call<Preview>('/v1/templates/preview', {
        body: { event: x.event, language: x.language, ...(body && { body }), ...(name && { name }) }, signal: off.signal,
      }).then(setPreview, () => { if (!off.signal.aborted) setPreview(undefined); });
    }, 300);
    return () => { clearTimeout(timer); off.abort(); };
  }, [body, name]);
  return preview;
}

function PreviewText({ p }: { p?: Preview }) {
  const saves = p && p.folded.segments < p.segments;
  return (
    <div class="preview" aria-live="polite">
      <p class="bubble out" dir="auto">{p?.text ?? '…'}</p>
      {p && <p class="tags"><Parts {...p} /></p>}
      {saves && (
        <p class="note warn"><Icon name="warn" /> <span>{w(settings.value?.fold_texts ? 'folded_is' : 'folded_could', { n: p.segments, m: p.folded.segments })}
          {' '}<q dir="auto">{p.folded.text}</q></span></p>
      )}
      {p?.name_cut && <p class="hint">{w('name_cut')}</p>}
    </div>
  );
}

function Edit({ x, onClose, onSaved }: { x: Template; onClose(): void; onSaved(x: Template): void }) {
  const [body, setBody] = useState(x.body);
  const [automatic, setAutomatic] = useState(x.automatic);
  const [name, setName] = useState(x.language === 'en' ? 'Anna' : x.language === 'es' ? 'José' : 'Zoé');
  const area = useRef<HTMLTextAreaElement>(null);
  const preview = usePreview(x, body, name);
  const typed = segments(body);
  const saved = (y: Template) => { onSaved(y); onClose(); };
  const { submit, busy, problem, of, clear } = useForm(async () => {
    saved(await put<Template>(path(x), { ...(body !== x.body && { body }), automatic }));
    say(w('saved'));
  });
  const { doing, act } = useAct();
  const reset = () => act('reset', async () => {
    saved(await remove<Template>(path(x)));
    say(w('default_again'));
  });
  const insert = (variable: string) => {
    const a = area.current!;
    a.setRangeText(`{${variable}}`, a.selectionStart, a.selectionEnd, 'end');
    setBody(a.value);
    a.focus();
  };
  const wrong = of('body');
  return (
    <Dialog title={`${named('kind', x.event)} · ${languageNames[x.language]}`} onClose={onClose} wide>
      <form class="form" onSubmit={submit}>
        <p class="hint">{called('when', x.event)}</p>
        <div class="field">
          <label for="body">{w('text')}</label>
          <textarea id="body" ref={area} rows={4} value={body} maxLength={640} lang={x.language} dir="auto" aria-describedby="body-more"
                    aria-invalid={wrong ? 'true' : undefined} onInput={(e) => { setBody(e.currentTarget.value); clear(); }} />
          <p id="body-more" class={wrong ? 'problem' : 'hint'}>{wrong || w('as_typed', { segments: t('segments', { n: typed.segments, left: typed.left }) })}</p>
        </div>
        <div class="variables" role="group" aria-label={w('insert')}>
          <span class="hint">{w('insert')}</span>
          {x.variables.map((v) => <Button key={v} icon="plus" onClick={() => insert(v)}>{called('variable', v)}</Button>)}
        </div>
        <Check label={w('automatic')} hint={w('automatic_hint')} checked={automatic} onChange={(e) => setAutomatic(e.currentTarget.checked)} />
        <section class="form" aria-label={w('preview')}>
          <Field label={w('try_name')} value={name} maxLength={100} onInput={(e) => setName(e.currentTarget.value)} />
          <PreviewText p={preview} />
        </section>
        <FormProblem problem={problem} fields={['body']} />
        <footer class="actions">
          {!x.is_default && <Button icon="undo" busy={doing === 'reset'} onClick={reset}>{w('back_to_default')}</Button>}
          <Button kind="main" type="submit" busy={busy}>{t('save')}</Button>
        </footer>
      </form>
    </Dialog>
  );
}

function Texts() {
  const [chosen, choose] = useState<TemplateLanguage>(language.value);
  const [editing, edit] = useState<Template | null>(null);
  const { data, failed, setData, reload } = useLoad(async () => (await get<Schema<'TemplateList'>>('/v1/templates')).data);
  if (!data) return failed ? <Failed text={failed} again={reload} /> : <Loading />;
  const saved = (y: Template) => setData(data.map((x) => (x.event === y.event && x.language === y.language ? y
    : x)));
  return (
    <Section title={w('texts_of_events')} actions={<Select label={w('in_language')} value={chosen} options={Object.entries(languageNames)}
             onChange={(e) => choose(e.currentTarget.value as TemplateLanguage)} />}>
      <ul class="lines">{data.filter((x) => x.language === chosen).map((x) => (
        <li key={x.event} data-event={x.event}>
          <div>
            <p class="tags"><b>{named('kind', x.event)}</b>
              <State kind={x.is_default ? 'plain' : 'good'}>{w(x.is_default ? 'default' : 'own_words')}</State>
              {!x.automatic && <State kind="plain">{w('by_hand')}</State>}
              <Parts {...x} /></p>
            <p class="hint">{called('when', x.event)}</p>
            <p class="said" dir="auto" lang={x.language}>{x.body}</p>
          </div>
          {isManager.value && <Button icon="edit" aria-label={w('change_what', { what: named('kind', x.event) })} onClick={() => edit(x)}>{w('change')}</Button>}
        </li>
      ))}</ul>
      {editing && <Edit x={editing} onClose={() => edit(null)} onSaved={saved} />}
    </Section>
  );
}

// ---- quick replies ----

function EditReply({ q, onClose, onSaved }: { q: QuickReply | null; onClose(): void; onSaved(): void }) {
  const [v, set] = useState({ label: q?.label ?? '', body: q?.body ?? '' });
  const { submit, busy, problem, of } = useForm(async () => {
    await (q ? patch(`/v1/quick-replies/${q.id}`, v) : post('/v1/quick-replies', v));
    say(w('saved'));
    onSaved();
    onClose();
  });
  const counted = segments(v.body);
  return (
    <Dialog title={w(q ? 'change_reply' : 'new_reply')} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <Field label={w('label')} hint={w('label_hint')} value={v.label} maxLength={40} required problem={of('label')}
               onInput={(e) => set({ ...v, label: e.currentTarget.value })} />
        <div class="field">
          <label for="reply">{w('text')}</label>
          <textarea id="reply" rows={4} value={v.body} required dir="auto" aria-describedby="reply-more" onInput={(e) => set({ ...v, body: e.currentTarget.value })} />
          <p id="reply-more" class={of('body') ? 'problem' : 'hint'}>{of('body') || t('segments', { n: counted.segments, left: counted.left })}</p>
        </div>
        <FormProblem problem={problem} fields={['label', 'body']} />
        <footer class="actions"><Button kind="main" type="submit" busy={busy}>{t('save')}</Button></footer>
      </form>
    </Dialog>
  );
}

function Replies() {
  const [editing, edit] = useState<QuickReply | 'new' | null>(null);
  const [leaving, drop] = useState<QuickReply | null>(null);
  const { data, failed, reload } = useLoad(async () => (await get<Schema<'QuickReplyList'>>('/v1/quick-replies')).data);
  const { act } = useAct();
  if (!data) return failed ? <Failed text={failed} again={reload} /> : <Loading />;
  const away = (q: QuickReply) => act(q.id, async () => { await remove(`/v1/quick-replies/${q.id}`); reload(); });
  return (
    <Section title={t('quick_replies')} actions={isManager.value && <Button icon="plus" onClick={() => edit('new')}>{w('new_reply')}</Button>}>
      {data.length === 0 ? <Empty icon="chat">{w('no_replies')}</Empty> : (
        <ul class="lines">{data.map((q) => (
          <li key={q.id}>
            <div><p><b dir="auto">{q.label}</b></p><p class="said" dir="auto">{q.body}</p></div>
            {isManager.value && (
              <span class="actions">
                <Button icon="edit" label={w('change_what', { what: q.label })} onClick={() => edit(q)} />
                <Button icon="close" label={w('delete_what', { what: q.label })} onClick={() => drop(q)} />
              </span>
            )}
          </li>
        ))}</ul>
      )}
      {editing && <EditReply q={editing === 'new' ? null : editing} onClose={() => edit(null)} onSaved={reload} />}
      {leaving && <Confirm title={w('delete_what', { what: leaving.label })} yes={t('delete')} onYes={() => away(leaving)} onClose={() => drop(null)}><p>{leaving.body}</p></Confirm>}
    </Section>
  );
}

export default function Templates() {
  return (
    <PageFrame title={t('templates')}>
      {!isManager.value && <p class="hint">{w('only_managers')}</p>}
      <Texts />
      <Replies />
    </PageFrame>
  );
}
