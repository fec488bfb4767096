// session.ts - who is signed in on this device, and at which account.
import { computed } from '@preact/signals';
import { caller, post, type Session } from './api';
import { remembered } from './device';

export const session = remembered<Session | null>('session', null);
export const account = computed(() => session.value?.account ?? null);
export const isManager = computed(() => account.value?.role === 'manager');

/** Called when nobody is signed in any more: each forgets what it holds of guests. */
export const onLeave = new Set<() => void>();

session.subscribe((s) => {
  caller.token = s?.token ?? '';
});

export function leave(): void {
  session.value = null;
  for (const forget of onLeave) forget();
}

caller.turnedAway = leave;

export async function signIn(login: string, password: string): Promise<void> {
  session.value = await post<Session>('/v1/login', { login, password });
}

export async function signOut(): Promise<void> {
  try {
    await post('/v1/logout');
  } finally {
    leave(); // also without a connection: this device forgets at once
  }
}

export async function enter(id: string): Promise<void> {
  const next = await post<Session>('/v1/session/switch', { account_id: id });
  for (const forget of onLeave) forget();
  session.value = next;
}
