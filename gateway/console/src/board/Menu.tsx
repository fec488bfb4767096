// Menu.tsx - what is done less often with a party.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Party } from '../api';
import { Confirm, Icon, type IconName } from '../ui';
import { t, type Word } from '../words/words';
import { cancel, coming, deleteParty, moreTime, nameOf, noShow, notify, undo } from './deeds';
import { EditParty } from './EditParty';
import { openRow } from './open';

interface Item { word: Word; icon: IconName; does(): void; when?: boolean }

interface MenuProps { p: Party; canUp: boolean; canDown: boolean; onUp(): void; onDown(): void; onClose(): void }

/** Arrow keys go through it, Escape and a press elsewhere close it. */
export function Menu({ p, canUp, canDown, onUp, onDown, onClose }: MenuProps) {
  const ref = useRef<HTMLDivElement>(null);
  const [asks, setAsks] = useState<'delete' | 'edit' | null>(null);
  const isCalled = ['notified', 'coming', 'more_time'].includes(p.state);
  const inLine = p.state !== 'pending';

  useEffect(() => {
    const menu = ref.current;
    if (menu && menu.getBoundingClientRect().bottom > innerHeight - 8) menu.classList.add('above');
    menu?.querySelector('button')?.focus();
    const elsewhere = (e: Event) => { if (!asks && !ref.current?.parentElement?.contains(e.target as Node)) onClose(); };
    document.addEventListener('pointerdown', elsewhere);
    return () => document.removeEventListener('pointerdown', elsewhere);
  }, [asks]);

  const close = () => {
    ref.current?.parentElement?.querySelector<HTMLElement>('[aria-haspopup]')?.focus();
    onClose();
  };
  const keys = (e: KeyboardEvent) => {
    const items = [...ref.current!.querySelectorAll<HTMLElement>('[role=menuitem]')];
    const at = items.indexOf(document.activeElement as HTMLElement);
    if (e.key === 'Escape') close();
    else if (e.key === 'ArrowDown') items[(at + 1) % items.length]?.focus();
    else if (e.key === 'ArrowUp') items[(at + items.length - 1) % items.length]?.focus();
    else return;
    e.preventDefault();
    e.stopPropagation();
  };

  const items: Item[] = [
    { word: 'thread', icon: 'chat', does: () => openRow(p.id), when: Boolean(p.guest) },
    { word: 'call', icon: 'phone', does: () => void notify(p, 'voice'), when: Boolean(p.guest) && inLine },
    { word: 'is_coming', icon: 'check', does: () => void coming(p), when: isCalled && p.state !== 'coming' },
    { word: 'more_time', icon: 'clock', does: () => void moreTime(p), when: isCalled },
    { word: 'back_in_line', icon: 'undo', does: () => void undo(p), when: isCalled },
    { word: 'no_show', icon: 'away', does: () => void noShow(p), when: isCalled },
    { word: 'left', icon: 'away', does: () => void cancel(p, 'guest') },
    { word: 'cancel', icon: 'close', does: () => void cancel(p, 'staff') },
    { word: 'edit', icon: 'edit', does: () => setAsks('edit') },
    { word: 'up', icon: 'up', does: onUp, when: canUp && inLine },
    { word: 'down', icon: 'down', does: onDown, when: canDown && inLine },
    { word: 'delete', icon: 'trash', does: () => setAsks('delete') },
  ];

  if (asks === 'edit') return <EditParty p={p} onClose={onClose} />;
  if (asks === 'delete')
    return (
      <Confirm title={t('delete_who', { name: nameOf(p) })} yes={t('delete')} onYes={() => void deleteParty(p)} onClose={onClose}>
        <p>{t('delete_why')}</p>
      </Confirm>
    );
  return (
    <div ref={ref} class="menu" role="menu" aria-label={t('more_who', { name: nameOf(p) })} onKeyDown={keys}>
      {items.filter((i) => i.when !== false).map((i) => (
        <button key={i.word} type="button" role="menuitem" onClick={() => { i.does(); if (i.word !== 'edit' && i.word !== 'delete') close(); }}>
          <Icon name={i.icon} />{t(i.word)}
        </button>
      ))}
    </div>
  );
}
