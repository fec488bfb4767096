// route.ts - which page is shown: what stands behind '#' in the address, which no server sees.
import { signal } from '@preact/signals';

const read = () => location.hash.slice(1).split('?')[0]!.replace(/^\//, '') || 'board';

/** "board", "carriers", "settings/keys". */
export const route = signal(read());
addEventListener('hashchange', () => { route.value = read(); });

export function go(to: string): void {
  location.hash = `#/${to}`;
}
