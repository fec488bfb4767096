// api.ts - the gateway's API, typed by its own document: one request, its answer or its problem.
import type { components, paths } from './api.d';

type Schemas = components['schemas'];
export type Party = Schemas['Party'];
export type PartyTold = Schemas['PartyTold'];
export type Booking = Schemas['Booking'];
export type Message = Schemas['Message'];
export type MessageTold = Schemas['MessageTold'];
export type Told = Schemas['Told'];
export type Session = Schemas['Session'];
export type Account = Schemas['Account'];
export type Problem = Schemas['Problem'];
export type Schema<Name extends keyof Schemas> = Schemas[Name];

/** A path of the document, with its {parameters} filled in by whoever calls. */
export type Path = keyof paths | `${string & keyof paths}?${string}` | string;

/** The gateway said no, and why: `problem.detail` is for people. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
  }
}

/** No answer: whether it was done is not known. The same key asks again without harm. */
export class Unreachable extends Error {}

export interface Ask {
  method?: string;
  body?: unknown;
  key?: string; // Idempotency-Key
  signal?: AbortSignal;
}

/** Who asks, and what happens when they may not any more: set by session.ts. */
export const caller = { token: '', turnedAway: () => {} };

const WAIT_MS = 15_000;

function headers({ body, key }: Ask): Record<string, string> {
  return {
    ...(caller.token && { authorization: `Bearer ${caller.token}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(key && { 'idempotency-key': key }),
  };
}

/** The raw answer; throws Unreachable when there is none, or one that says to come back later. */
export async function reach(path: Path, ask: Ask = {}): Promise<Response> {
  const timeout = AbortSignal.timeout(WAIT_MS);
  let response: Response;
  try {
    response = await fetch(path, {
      method: ask.method ?? (ask.body === undefined ? 'GET' : 'POST'),
      headers: headers(ask),
      body: ask.body === undefined ? undefined : JSON.stringify(ask.body),
      signal: ask.signal ?? timeout,
    });
  } catch {
    throw new Unreachable('There is no connection.');
  }
  if (response.status >= 500) throw new Unreachable(`The gateway answered ${response.status}.`);
  return response;
}

/** Asks and reads JSON. Throws Refused or Unreachable. */
export async function call<T>(path: Path, ask: Ask = {}): Promise<T> {
  const response = await reach(path, ask);
  let answer;
  try {
    answer = await response.json();
  } catch {
    throw new Unreachable('The answer could not be read.');
  }
  if (response.ok) return answer as T;
  if (response.status === 401 && caller.token) caller.turnedAway();
  throw new Refused(answer as Problem);
}

export const get = <T>(path: Path) => call<T>(path);
export const post = <T>(path: Path, body: unknown = {}, key: string = newKey()) =>
  call<T>(path, { method: 'POST', body, key });
export const put = <T>(path: Path, body: unknown) => call<T>(path, { method: 'PUT', body });
export const patch = <T>(path: Path, body: unknown) => call<T>(path, { method: 'PATCH', body });
export const remove = <T>(path: Path) => call<T>(path, { method: 'DELETE' });

/** All pages of a list, to `most` rows. */
export async function all<T>(path: string, most = 1000): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | null = null;
  do {
    const join = path.includes('?') ? '&' : '?';
    const page: { data: T[]; next_cursor: string | null } =
      await get(`${path}${join}limit=200${cursor ? `&cursor=${cursor}` : ''}`);
    rows.push(...page.data);
    cursor = page.next_cursor;
  } while (cursor && rows.length < most);
  return rows;
}

/** A new Idempotency-Key. */
export const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
