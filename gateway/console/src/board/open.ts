// open.ts - which row is open beside the board.
import { signal } from '@preact/signals';

/** Id of a party or booking; '': none. */
export const opened = signal('');

export function openRow(id: string): void {
  opened.value = id;
}

export function closeRow(): void {
  const id = opened.value;
  opened.value = '';
  document.querySelector<HTMLElement>(`[data-id="${id}"] .who`)?.focus();
}
