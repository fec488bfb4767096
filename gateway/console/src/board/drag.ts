// drag.ts - a row taken by its grip and put elsewhere in the line, by mouse, pen or finger. The menu of a row
// does the same by buttons.
import { order, party } from './visits';
import { moveBehind } from './deeds';

const list = () => [...document.querySelectorAll<HTMLElement>('.line > .row')];

/** The row that the pointer is below the middle of: what is dragged goes behind it. */
function rowAbove(y: number, dragged: string): string | null {
  let above: string | null = null;
  for (const row of list()) {
    const { top, height } = row.getBoundingClientRect();
    if (row.dataset.id !== dragged && y > top + height / 2) above = row.dataset.id!;
  }
  return above;
}

export function startDrag(event: PointerEvent, id: string): void {
  const grip = event.currentTarget as HTMLElement;
  const row = grip.closest<HTMLElement>('.row');
  if (!row || event.button !== 0) return;
  event.preventDefault();
  grip.setPointerCapture(event.pointerId);
  const from = event.clientY;
  let above: string | null = null;
  const show = (e: PointerEvent) => {
    row.style.transform = `translateY(${e.clientY - from}px)`;
    row.classList.add('dragged');
    above = rowAbove(e.clientY, id);
    for (const other of list()) other.classList.toggle('drop-behind', other.dataset.id === above);
    document.querySelector('.line')?.classList.toggle('drop-first', above === null);
  };
  const end = (e: PointerEvent) => {
    grip.removeEventListener('pointermove', show);
    row.style.transform = '';
    row.classList.remove('dragged');
    document.querySelectorAll('.drop-behind, .drop-first').forEach((x) => x.classList.remove('drop-behind', 'drop-first'));
    const p = party(id)?.value;
    const at = order.value.indexOf(id);
    const before = at > 0 ? order.value[at - 1]! : null;
    if (p && e.type === 'pointerup' && Math.abs(e.clientY - from) > 10 && above !== before) void moveBehind(p, above);
  };
  grip.addEventListener('pointermove', show);
  grip.addEventListener('pointerup', end, { once: true });
  grip.addEventListener('pointercancel', end, { once: true });
}
