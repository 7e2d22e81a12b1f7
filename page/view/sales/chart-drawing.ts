/** What uPlot doesn't draw by itself: times of which nothing is known, what was published when, and the words at the cursor. */
import type uPlot from 'uplot';

export interface ChartMarker {
  /** Seconds since the epoch. */
  at: number;
  label: string;
}

const HATCH_PX = 7;

/** Hatches from one time to another: an empty stretch would look as if nothing had been sold. */
export function hatch(chart: uPlot, from: number, to: number, color: string): void {
  const { ctx, bbox } = chart;
  const left = Math.max(chart.valToPos(from, 'x', true), bbox.left);
  const right = Math.min(chart.valToPos(to, 'x', true), bbox.left + bbox.width);
  if (right <= left) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, bbox.top, right - left, bbox.height);
  ctx.clip();
  ctx.strokeStyle = color;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  for (let x = left - bbox.height; x < right; x += HATCH_PX * devicePixelRatio) {
    ctx.moveTo(x, bbox.top + bbox.height);
    ctx.lineTo(x + bbox.height, bbox.top);
  }
  ctx.stroke();
  ctx.restore();
}

/** A line from top to bottom, and a head that is seen among bars. */
export function mark(chart: uPlot, { at }: ChartMarker, color: string): void {
  const { ctx, bbox } = chart;
  const x = Math.round(chart.valToPos(at, 'x', true));
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  const head = 5 * devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = color;
  ctx.fillStyle = color;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.beginPath();
  ctx.moveTo(x - head, bbox.top);
  ctx.lineTo(x + head, bbox.top);
  ctx.lineTo(x, bbox.top + 1.6 * head);
  ctx.fill();
  ctx.restore();
}

/** Shows words beside the cursor. @param wordsAt lines for the point of this index */
export function tooltip(wordsAt: (index: number) => string[]): uPlot.Plugin {
  const box = document.createElement('div');
  box.className = 'tooltip';
  return {
    hooks: {
      init: chart => chart.over.append(box),
      setCursor: chart => {
        const { idx, left = -1 } = chart.cursor;
        box.hidden = idx == null || left < 0;
        if (idx == null || box.hidden) return;
        box.replaceChildren(
          ...wordsAt(idx).map(text => {
            const line = document.createElement('p');
            line.textContent = text;
            return line;
          }),
        );
        const isRight = left > chart.over.clientWidth / 2;
        box.style.left = isRight ? '' : `${left + 12}px`;
        box.style.right = isRight ? `${chart.over.clientWidth - left + 12}px` : '';
      },
    },
  };
}
