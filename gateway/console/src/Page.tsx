// Page.tsx - what every page beside the board has: its heading, and the account's settings.
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { get, type Account } from './api';
import { Live } from './board/Board';
import { zone } from './clock';
import { account } from './session';

/** Read when somebody comes in or goes to another venue; null until then. */
export const settings = signal<Account | null>(null);

export async function readSettings(): Promise<void> {
  settings.value = await get<Account>('/v1/account');
  zone.value = settings.value.zone;
}

export function PageFrame({ title, children, actions }: { title: string; children: ComponentChildren; actions?: ComponentChildren }) {
  useEffect(() => { document.title = `${title} · ${account.value?.name ?? 'maitred'}`; }, [title]);
  return (
    <main class="body page" id="main">
      <header class="page-head"><h1>{title}</h1>{actions}<Live /></header>
      {children}
    </main>
  );
}
