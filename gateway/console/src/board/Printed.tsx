// Printed.tsx - the line on paper, for when the power is out: who, how many, since when, and room to write.
import { signal } from '@preact/signals';
import { timeText } from '../clock';
import { account } from '../session';
import { t } from '../words/words';
import { nameOf } from './deeds';
import { parties } from './visits';

const printing = signal(false);
addEventListener('beforeprint', () => { printing.value = true; });
addEventListener('afterprint', () => { printing.value = false; });

export function Printed() {
  if (!printing.value) return null;
  return (
    <section class="printed" aria-hidden="true">
      <h1>{account.value?.name} · {timeText(Date.now())}</h1>
      <table>
        <thead><tr><th>#</th><th>{t('name')}</th><th>{t('size')}</th><th>{t('since_head')}</th><th>{t('quote_head')}</th><th>{t('phone')}</th><th>{t('notes')}</th><th /></tr></thead>
        <tbody>{parties.value.map((p, i) => (
          <tr key={p.id}><td>{i + 1}</td><td dir="auto">{nameOf(p)}</td><td>{p.size}</td><td>{timeText(p.joined_at ?? p.created_at)}</td>
            <td>{p.quote_max ?? ''}</td><td>{p.guest ? `…${p.guest.phone.slice(-4)}` : ''}</td><td dir="auto">{p.notes}</td><td /></tr>
        ))}</tbody>
      </table>
    </section>
  );
}
