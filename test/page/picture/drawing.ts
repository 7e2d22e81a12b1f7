/** The picture as SVG: the way of a price above the page. */

export interface Picture {
  width: number;
  height: number;
  /** The page, in base64. */
  png: string;
  stores: number;
}

const TOP = 150;
const BOX = { width: 176, height: 56, y: 62 };
const STEPS = [
  ['marketing', 'an event'],
  ['event bus', 'EventBridge'],
  ['broadcast', 'Lambda, paced'],
  ['every store', 'one WebSocket each'],
  ['receipts, sales', 'counted once'],
];

export function pictureOf({ height, png, width }: Picture): string {
  const gap = (width - STEPS.length * BOX.width) / (STEPS.length + 1);
  const boxes = STEPS.map(([name = '', what = ''], index) => {
    const x = gap + index * (BOX.width + gap);
    const arrow = index === STEPS.length - 1 ? '' : arrowFrom(x + BOX.width, gap);
    return box(x, name, what) + arrow;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height + TOP}" font-family="system-ui, sans-serif" role="img" aria-label="A price goes from marketing by the event bus and a Lambda to every store, which answers by receipts and sales; below, the management page">
<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#1b56c4"/></marker></defs>
<rect width="${width}" height="${height + TOP}" rx="10" fill="#f2f4f8"/>
<text x="${gap}" y="40" font-size="22" font-weight="600" fill="#141a24">The moment it is published, with proof that each store has it</text>
${boxes.join('\n')}
<image y="${TOP}" width="${width}" height="${height}" href="data:image/png;base64,${png}"/>
</svg>
`;
}

function box(x: number, name: string, what: string): string {
  const middle = x + BOX.width / 2;
  return (
    `<rect x="${x}" y="${BOX.y}" width="${BOX.width}" height="${BOX.height}" rx="8" fill="#fff" stroke="#c3cad6"/>` +
    `<text x="${middle}" y="${BOX.y + 25}" font-size="16" font-weight="600" text-anchor="middle" fill="#141a24">${name}</text>` +
    `<text x="${middle}" y="${BOX.y + 44}" font-size="13" text-anchor="middle" fill="#4c5666">${what}</text>`
  );
}

function arrowFrom(x: number, gap: number): string {
  const y = BOX.y + BOX.height / 2;
  return `<path d="M${x + 8} ${y}H${x + gap - 8}" stroke="#1b56c4" stroke-width="2" marker-end="url(#head)"/>`;
}
