// Phones.tsx - only in a demonstration: the board, and beside it the guests' simulated phones.
import { Board } from '../board/Board';
import { t } from '../words/words';

export default function Phones() {
  return (
    <div class="beside">
      <Board />
      <iframe src="/sim" title={t('phones')} />
    </div>
  );
}
