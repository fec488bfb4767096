// Chart.tsx - lines over time, drawn by uPlot: told apart by their dashes as well as by colour.
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { timeText, zone } from '../clock';
import { look } from '../device';
import { Table } from './parts';
import { w } from './words';

export interface Line {
  label: string;
  color: '--accent' | '--mark' | '--warn-ink';
  dash?: number[];
  values: readonly (number | null)[];
}

interface Props {
  title: string;
  times: readonly number[]; // ms: where each step begins
  stepped?: boolean; // values are of a whole step
  lines: Line[];
  show(value: number | null): string;
  marks?: readonly number[]; // ms: drawn on the time axis
  most?: number; // the top, unless a value is above it
}

const color = (name: string) => {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
};

/** A dashed line, and a triangle on the axis, where something happened. */
function drawMarks(u: uPlot, marks: readonly number[]): void {
  const { ctx, bbox } = u, r = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = color('--bad');
  ctx.setLineDash([3 * r, 4 * r]);
  for (const at of marks) {
    const x = Math.round(u.valToPos(at / 1000, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    const foot = bbox.top + bbox.height;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, foot);
    ctx.stroke();
    ctx.beginPath();
    ctx.moveTo(x, foot - 9 * r);
    ctx.lineTo(x + 6 * r, foot);
    ctx.lineTo(x - 6 * r, foot);
    ctx.fill();
  }
  ctx.restore();
}

/** The last step has an end as well. */
function ending({ times, lines, stepped }: Props): uPlot.AlignedData {
  const step = (times[1] ?? 60_000) - (times[0] ?? 0);
  const end = times.at(-1)! + step;
  return [[...times, end].map((ms) => ms / 1000), ...lines.map((l) => [...l.values, stepped ? l.values.at(-1)! : null])];
}

function options({ lines, show, marks = [], most = 1, stepped }: Props, width: number, at: (i: number | null) => void): uPlot.Options {
  const axis = { stroke: color('--soft'), grid: { stroke: color('--line'), width: 1 }, ticks: { show: false }, font: '13px system-ui' };
  return {
    width, height: 220, legend: { show: false }, padding: [10, 12, 0, 0],
    tzDate: (ts) => uPlot.tzDate(new Date(ts * 1000), zone.value),
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: { y: { range: (_, __, max) => [0, Math.max(most, (max ?? 0) * 1.1)] } },
    axes: [
      { ...axis, space: 70, size: 34, values: (_, splits) => splits.map((s) => timeText(s * 1000)) },
      { ...axis, size: 60, values: (_, splits) => splits.map((v) => show(v)) },
    ],
    series: [{}, ...lines.map((l) => ({
      stroke: color(l.color), width: 2, dash: l.dash, spanGaps: false,
      ...(stepped ? { paths: uPlot.paths.stepped!({ align: 1 }), points: { show: false } } : { points: { show: true, size: 5, fill: color(l.color) } }),
    }))],
    hooks: { draw: [(u) => drawMarks(u, marks)], setCursor: [(u) => at(u.cursor.idx ?? null)] },
  };
}

export function Chart(props: Props) {
  const { title, times, lines, show, marks } = props;
  const box = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<number | null>(null);
  const [width, setWidth] = useState(0);
  const [dark, setDark] = useState(0);
  useEffect(() => {
    const watch = new ResizeObserver(([e]) => setWidth(Math.floor(e!.contentRect.width)));
    watch.observe(box.current!);
    const night = matchMedia('(prefers-color-scheme: dark)');
    const turn = () => setDark((n) => n + 1);
    night.addEventListener('change', turn);
    return () => { watch.disconnect(); night.removeEventListener('change', turn); };
  }, []);
  useEffect(() => {
    if (!width || !times.length) return;
    const plot = new uPlot(options(props, width, setAt), ending(props), box.current!);
    return () => plot.destroy();
  }, [width, dark, look.value, zone.value, times, lines]);
  return (
    <figure class="chart">
      <figcaption>
        <b>{title}</b>
        <span class="legend">
          {lines.map((l) => (
            <span key={l.label}>
              <svg width="30" height="10" aria-hidden="true" class={l.color.slice(2)}><path d="M0 5h30" stroke-width="2.5" stroke="currentColor" stroke-dasharray={l.dash?.join(' ')} /></svg>
              {l.label}{at !== null && <b>: {show(l.values[at] ?? null)}</b>}
            </span>
          ))}
          {marks && marks.length > 0 && <span><svg width="12" height="10" aria-hidden="true" class="bad"><path d="M6 1l6 9H0z" fill="currentColor" /></svg>{w('failover')}</span>}
          {at !== null && times[at] !== undefined && <span>{timeText(times[at])}</span>}
        </span>
      </figcaption>
      <div ref={box} class="plot" aria-hidden="true" />
      <details>
        <summary>{w('as_table')}</summary>
        <Table caption={title} figures={1} head={[w('time'), ...lines.map((l) => l.label)]}
               rows={times.map((ms, i) => [String(ms), timeText(ms), ...lines.map((l) => show(l.values[i] ?? null))] as const)} />
      </details>
    </figure>
  );
}
