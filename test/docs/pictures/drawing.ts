/** What a box stands for; its colour says so. */
type Kind = 'process' | 'store' | 'stream' | 'outside' | 'trouble' | 'plain';

/** A box with a name and lines below it. Lengths are pixels. */
export interface Box {
  readonly kind: Kind;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly name: string;
  readonly lines?: readonly string[];
  /** lines in a font of fixed width */
  readonly code?: boolean;
}

/** A line with a head at its end. */
export interface Arrow {
  /** as SVG has it */
  readonly path: string;
  /** dashed: it leads back */
  readonly back?: boolean;
}

/** Text without a box. */
export interface Label {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly bold?: boolean;
  readonly anchor?: 'start' | 'middle' | 'end';
}

export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly description: string;
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
  readonly labels: readonly Label[];
}

const [titleHeight, lineHeight, padding] = [30, 18, 10];

/** As high as its lines need. */
export const heightOf = ({ lines = [] }: Pick<Box, 'lines'>): number =>
  titleHeight + lines.length * lineHeight + (lines.length === 0 ? 4 : padding);

/** Light and dark colours; the same as those of `data-flow.svg`. */
const style = `
    .paper { fill: #ffffff; stroke: #d0d7de }
    .process { fill: #e7effb; stroke: #2f5fa8 }
    .store { fill: #fdf3dc; stroke: #a5761a }
    .stream { fill: #e6f4ea; stroke: #2f7d4f }
    .outside { fill: #f3f4f6; stroke: #6b7280 }
    .trouble { fill: #fbe9e7; stroke: #b3402a }
    .plain { fill: none; stroke: #8b949e; stroke-dasharray: 3 3 }
    .name { fill: #1f2328; font-weight: 600 }
    .note { fill: #57606a; font-size: 12.5px }
    .code { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, monospace; font-size: 12px }
    .arrow { fill: none; stroke: #57606a; stroke-width: 1.6; marker-end: url(#head) }
    .back { stroke-dasharray: 5 4 }
    .head { fill: #57606a }
    @media (prefers-color-scheme: dark) {
      .paper { fill: #161b22; stroke: #30363d }
      .process { fill: #1c2f4d; stroke: #6ea1ea }
      .store { fill: #3d3113; stroke: #d9aa4c }
      .stream { fill: #16352a; stroke: #5fbd88 }
      .outside { fill: #262c36; stroke: #8b949e }
      .trouble { fill: #43211b; stroke: #e5846f }
      .name { fill: #e6edf3 }
      .note { fill: #a4adb8 }
      .arrow { stroke: #a4adb8 }
      .head { fill: #a4adb8 }
    }`;

/** A drawing as SVG. */
export function svg({ width, height, title, description, boxes, arrows, labels }: Drawing): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description" font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="14">`,
    `  <title id="title">${escaped(title)}</title>`,
    `  <desc id="description">${escaped(description)}</desc>`,
    `  <style>${style}\n  </style>`,
    '  <defs>',
    '    <marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse">',
    '      <path class="head" d="M0 0 L10 5 L0 10 z"/>',
    '    </marker>',
    '  </defs>',
    `  <rect class="paper" x="1" y="1" width="${width - 2}" height="${height - 2}" rx="12"/>`,
    ...boxes.flatMap(drawnBox),
    ...arrows.map(drawnArrow),
    ...labels.map(drawnLabel),
    '</svg>',
    '',
  ].join('\n');
}

function drawnBox(box: Box): readonly string[] {
  const { kind, x, y, width, name, lines = [], code = false } = box;
  const left = x + padding;
  const classes = code ? 'note code' : 'note';
  return [
    `  <rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${heightOf(box)}" rx="8"/>`,
    `  <text class="name" x="${left}" y="${y + 21}">${escaped(name)}</text>`,
    ...lines.map(
      (line, i) =>
        `  <text class="${classes}" x="${left}" y="${y + titleHeight + 12 + i * lineHeight}" xml:space="preserve">${escaped(line)}</text>`,
    ),
  ];
}

const drawnArrow = ({ path, back = false }: Arrow): string =>
  `  <path class="arrow${back ? ' back' : ''}" d="${path}"/>`;

function drawnLabel({ x, y, text, bold = false, anchor = 'start' }: Label): string {
  return `  <text class="${bold ? 'name' : 'note'}" x="${x}" y="${y}" text-anchor="${anchor}">${escaped(text)}</text>`;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
