import type { Concern } from './graph.ts';

const [boxWidth, lineHeight, titleHeight, gapX, gapY, margin] = [300, 17, 30, 70, 22, 20];

interface Placed extends Concern {
  readonly rank: number;
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

const style = `
    .concern { fill: #e7effb; stroke: #2f5fa8 }
    .title { fill: #1f2328; font-weight: 600 }
    .kind { fill: #57606a; font-size: 12px }
    .use { fill: none; stroke: #8b949e; stroke-width: 1.2 }
    .paper { fill: #ffffff }
    @media (prefers-color-scheme: dark) {
      .concern { fill: #1c2f4d; stroke: #6ea1ea }
      .title { fill: #e6edf3 }
      .kind { fill: #a4adb8 }
      .paper { fill: #161b22 }
    }`;

/**
 * Concerns in columns, each to the right of those that it uses, as SVG.
 *
 * @param everywhere concerns that nearly all others use: a note says so in the place of lines
 */
export function picture(concerns: readonly Concern[], everywhere: readonly string[]): string {
  const placed = place(concerns, everywhere);
  const width = Math.max(...placed.map(({ x }) => x)) + boxWidth + margin;
  const height = Math.max(...placed.map((box) => box.y + box.height)) + margin + lineHeight;
  const lines = placed.flatMap((box) =>
    box.uses.flatMap((title) =>
      placed.filter((used) => used.title === title && !everywhere.includes(title)).map((used) => line(used, box)),
    ),
  );
  const note = `Lines lead from a concern to those that use it; those to ${everywhere.join(' and ')}, which most use, are left out.`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Resources of a stack by concern" font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="14">`,
    `  <style>${style}\n  </style>`,
    `  <rect class="paper" width="${width}" height="${height}"/>`,
    ...lines,
    ...placed.flatMap(box),
    `  <text class="kind" x="${margin}" y="${height - margin / 2}">${note}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

function place(concerns: readonly Concern[], everywhere: readonly string[]): readonly Placed[] {
  const ranks = new Map<string, number>();
  const bottoms = new Map<number, number>();
  return concerns.map((concern) => {
    const used = concern.uses.filter((title) => !everywhere.includes(title)).map((title) => ranks.get(title) ?? -1);
    const rank = Math.max(-1, ...used) + 1;
    ranks.set(concern.title, rank);
    const y = bottoms.get(rank) ?? margin;
    const height = titleHeight + lineHeight * concern.kinds.length + 8;
    bottoms.set(rank, y + height + gapY);
    return { ...concern, rank, x: margin + rank * (boxWidth + gapX), y, height };
  });
}

function line(from: Placed, to: Placed): string {
  const [x1, y1, x2, y2] = [from.x + boxWidth, from.y + titleHeight / 2, to.x, to.y + titleHeight / 2];
  const bend = gapX / 2;
  return `  <path class="use" d="M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"/>`;
}

function box({ title, kinds, x, y, height }: Placed): readonly string[] {
  return [
    `  <rect class="concern" x="${x}" y="${y}" width="${boxWidth}" height="${height}" rx="6"/>`,
    `  <text class="title" x="${x + 10}" y="${y + 20}">${title}</text>`,
    ...kinds.map(([kind, count], at) => {
      const text = count === 1 ? kind : `${count} × ${kind}`;
      return `  <text class="kind" x="${x + 10}" y="${y + titleHeight + 10 + at * lineHeight}">${text}</text>`;
    }),
  ];
}
