// outbox.ts - what staff did, on its way to the gateway. Each thing has its Idempotency-Key and is kept on
// the device before it is sent, so that it is done once, also when the answer, the network or the page is
// lost. Nothing here is shown as done before the gateway says so.
import { signal, type ReadonlySignal } from '@preact/signals';
import { newKey, post, Refused, call, type Problem } from './api';
import { remembered } from './device';
import { onLeave, session } from './session';

export interface Act {
  key: string; // Idempotency-Key
  session: string; // of whoever did it; nobody else's are sent
  path: string;
  body: Record<string, unknown>;
  method: 'POST' | 'PATCH' | 'DELETE';
  about: string; // id of the party, booking or thread; '' for a new one
  label: string; // in words, for the list of what waits
  texts: boolean; // the guest may be told something by it
  at: number;
  held?: boolean; // it waited too long: staff decide whether it still goes
}

/** A word to a guest that is older than this is not sent without asking: the table may be gone. */
const STALE_MS = 120_000;
const AGAIN_MS = 3000;

const acts = remembered<Act[]>('outbox', []);
const answers = new Map<string, { done(answer: unknown): void; refused(problem: Problem): void }>();
let sending = false;

/** Those that wait, oldest first. */
export const waiting: ReadonlySignal<Act[]> = acts;
export const isWaiting = (path: string) => acts.value.some((a) => a.path === path);
export const busyAbout = (about: string) => about !== '' && acts.value.some((a) => a.about === about);

const drop = (key: string) => { acts.value = acts.value.filter((a) => a.key !== key); };

async function send(a: Act): Promise<unknown> {
  return a.method === 'POST' ? post(a.path, a.body, a.key) : call(a.path, { method: a.method, body: a.body });
}

function next(): Act | undefined {
  const mine = acts.value.filter((a) => a.session === session.value?.session_id);
  return mine.find((a) => !a.held);
}

/** Sends what waits, one after another, in its order. */
export async function flush(): Promise<void> {
  if (sending) return;
  for (let a = next(); a; a = next()) {
    if (a.texts && Date.now() - a.at > STALE_MS) {
      const { key } = a;
      acts.value = acts.value.map((b) => (b.key === key ? { ...b, held: true } : b));
      continue;
    }
    sending = true;
    const waiter = answers.get(a.key);
    try {
      const answer = await send(a);
      drop(a.key);
      waiter?.done(answer);
    } catch (e) {
      if (!(e instanceof Refused) || e.problem.status === 429) {
        // Unreachable: it may have been done; the key makes asking again harmless
        setTimeout(() => void flush(), AGAIN_MS);
        return;
      }
      if (e.problem.status === 401) return;
      drop(a.key);
      waiter?.refused(e.problem);
      if (!waiter) late.value = [...late.value, { label: a.label, problem: e.problem }];
    } finally {
      sending = false;
    }
  }
}

/** What was refused after its page had been closed. */
export const late = signal<{ label: string; problem: Problem }[]>([]);

export interface Deed {
  path: string;
  body?: Record<string, unknown>;
  method?: Act['method'];
  about?: string;
  label: string;
  texts?: boolean;
}

/** Does it, now or when there is a connection. Rejects with Refused. */
export function act<T>(deed: Deed): Promise<T> {
  const key = newKey();
  acts.value = [...acts.value, {
    key, session: session.value?.session_id ?? '', path: deed.path, body: deed.body ?? {},
    method: deed.method ?? 'POST', about: deed.about ?? '', label: deed.label, texts: deed.texts ?? false,
    at: Date.now(),
  }];
  return new Promise<T>((resolve, reject) => {
    answers.set(key, {
      done: (answer) => { answers.delete(key); resolve(answer as T); },
      refused: (problem) => { answers.delete(key); reject(new Refused(problem)); },
    });
    void flush();
  });
}

/** Staff say that something that waited too long goes after all, or that it does not. */
export function decide(key: string, goes: boolean): void {
  if (!goes) drop(key);
  else acts.value = acts.value.map((a) => (a.key === key ? { ...a, held: false, at: Date.now() } : a));
  void flush();
}

onLeave.add(() => { acts.value = []; });
addEventListener('online', () => void flush());
