// device.ts - what this device remembers: in localStorage, and gone when somebody signs out.
import { effect, signal, type Signal } from '@preact/signals';

const PREFIX = 'maitred.';

function read<T>(name: string, fallback: T): T {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? fallback : (JSON.parse(text) as T);
  } catch {
    return fallback; // not ours, or no storage: as on a new device
  }
}

/** A signal that outlives the page. `null` and `undefined` are not kept. */
export function remembered<T>(name: string, fallback: T): Signal<T> {
  const s = signal(read(name, fallback));
  effect(() => {
    try {
      if (s.value === null || s.value === undefined) localStorage.removeItem(PREFIX + name);
      else localStorage.setItem(PREFIX + name, JSON.stringify(s.value));
    } catch {
      // a full or forbidden storage: the page works on without
    }
  });
  return s;
}

/** How this device looks and sounds: kept when somebody signs out. */
export const look = remembered<'auto' | 'light' | 'dark'>('look', 'auto');
export const sound = remembered('sound', true);

effect(() => {
  document.documentElement.dataset.look = look.value;
});

/** Whether somebody can see the page at all. */
export const visible = signal(!document.hidden);
document.addEventListener('visibilitychange', () => { visible.value = !document.hidden; });
