// pin.ts - the screen lock of a shared device: a PIN instead of signing out. It keeps curious eyes off the
// board; the session stays open behind it, so the PIN is known to this device alone, and only as a hash.
import { signal } from '@preact/signals';
import { remembered } from './device';
import { leave, onLeave, session } from './session';

interface Pin { salt: string; hash: string; failed: number }

export const pin = remembered<Pin | null>('pin', null);
export const locked = remembered('locked', false);
export const wrong = signal(false);
/** Browsers hash only for pages that came by https, or from this machine. */
export const canLock = 'subtle' in crypto;

const ROUNDS = 200_000;
const TRIES = 5;

const hex = (bytes: ArrayBuffer | Uint8Array) =>
  Array.from(new Uint8Array(bytes as ArrayBuffer), (b) => b.toString(16).padStart(2, '0')).join('');

async function hash(digits: string, salt: string): Promise<string> {
  const encode = new TextEncoder();
  const key = await crypto.subtle.importKey('raw', encode.encode(digits), 'PBKDF2', false, ['deriveBits']);
  return hex(await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt: encode.encode(salt), iterations: ROUNDS }, key, 256));
}

export async function setPin(digits: string): Promise<void> {
  const salt = hex(crypto.getRandomValues(new Uint8Array(16)));
  pin.value = { salt, hash: await hash(digits, salt), failed: 0 };
}

export function lockScreen(): void {
  if (pin.value && session.value) locked.value = true;
}

/** After five wrong ones the device has to sign in again. */
export async function unlock(digits: string): Promise<boolean> {
  const p = pin.value;
  if (!p || (await hash(digits, p.salt)) === p.hash) {
    if (p) pin.value = { ...p, failed: 0 };
    locked.value = false;
    wrong.value = false;
    return true;
  }
  wrong.value = true;
  pin.value = { ...p, failed: p.failed + 1 };
  if (p.failed + 1 >= TRIES) leave();
  return false;
}

onLeave.add(() => {
  pin.value = null;
  locked.value = false;
  wrong.value = false;
});
