// Why.tsx - what became of one message, and why: each attempt, each answer, each callback, in words.
import { useState } from 'preact/hooks';
import { get, post, type MessageTold } from '../api';
import { dayTimeText, secondsText } from '../clock';
import { Button, complain, Dialog, Failed, Icon, Loading, say, useLoad } from '../ui';
import { named, t } from '../words/words';

type Step = MessageTold['timeline'][number];

const marks = { accepted: 'plus', attempt: 'send', answer: 'chat', look: 'search', callback: 'signal', ended: 'check' } as const;

function Line({ e }: { e: Step }) {
  return (
    <li class={e.what}>
      <Icon name={marks[e.what]} />
      <div>
        <p><b>{named('step', e.what)}</b>{e.carrier && ` · ${named('carrier', e.carrier)}`}
          {e.code && <> · <code>{e.code}</code></>}</p>
        {e.text && <p dir="auto">{e.text}</p>}
        {e.at && <time dateTime={e.at}>{secondsText(e.at)}</time>}
      </div>
    </li>
  );
}

/** A text that may or may not have been sent is sent again only by somebody who knows that. */
function Again({ m, onDone }: { m: MessageTold; onDone(): void }) {
  const [busy, setBusy] = useState(false);
  if (!['unknown', 'uncertain', 'failed', 'undelivered', 'expired'].includes(m.state) || m.direction === 'in') return null;
  const again = async () => {
    setBusy(true);
    try {
      await post(`/v1/messages/${m.id}/again`);
      say(t('sent_again'));
      onDone();
    } catch (e) {
      complain(e);
    }
    setBusy(false);
  };
  return <Button icon="send" busy={busy} onClick={() => void again()}>{t('send_again')}</Button>;
}

export function Why({ id, onClose }: { id: string; onClose(): void }) {
  const { data: m, failed, reload } = useLoad(() => get<MessageTold>(`/v1/messages/${id}`), [id]);
  return (
    <Dialog title={t('why_title')} onClose={onClose} wide>
      {failed && <Failed text={failed} again={reload} />}
      {!m ? !failed && <Loading /> : (
        <div class="why-body">
          <p class="quote" dir="auto">{m.body}</p>
          <p class="sentence"><b>{named('message', m.state)}.</b> {m.reason ?? named('sentence', m.state)}
            {m.waiting && ` ${m.waiting.why} ${t('until', { time: secondsText(m.waiting.until) })}`}</p>
          <p class="facts">{dayTimeText(m.created_at)} · {m.number ?? t('no_number_yet')} · {m.encoding}, {t('n_segments', { n: m.segments })}</p>
          <ol class="timeline">{m.timeline.map((e, i) => <Line key={i} e={e} />)}</ol>
          <p class="facts"><code>{m.id}</code></p>
          <footer class="actions">
            <Button icon="undo" onClick={reload}>{t('refresh')}</Button>
            <Again m={m} onDone={reload} />
          </footer>
        </div>
      )}
    </Dialog>
  );
}
