/** A piece of SVG. */
export type Svg = string;

export interface TextOptions {
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly size?: number;
  readonly colour?: string;
  readonly bold?: true;
}

export const ink = { text: '#1f2933', faint: '#7b8794', grid: '#e4e7eb', met: '#1f6feb', missed: '#d64545' } as const;
/** Told apart also by those who don't see red and green. */
export const lineColours = ['#0b6e99', '#d9730d', '#6940a5', '#448361', '#ad1a72', '#8c6d1f'] as const;

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => escapes[character] ?? character);
const rounded = (value: number): string => String(Math.round(value * 10) / 10);

export function text(
  x: number,
  y: number,
  content: string,
  { anchor = 'start', size = 12, colour = ink.text, bold }: TextOptions = {},
): Svg {
  const weight = bold ? ' font-weight="bold"' : '';
  return `<text x="${rounded(x)}" y="${rounded(y)}" font-size="${size}" fill="${colour}" text-anchor="${anchor}"${weight}>${escaped(content)}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, colour: string, dashes = ''): Svg {
  const dashed = dashes === '' ? '' : ` stroke-dasharray="${dashes}"`;
  return `<line x1="${rounded(x1)}" y1="${rounded(y1)}" x2="${rounded(x2)}" y2="${rounded(y2)}" stroke="${colour}"${dashed}/>`;
}

export function rectangle(x: number, y: number, width: number, height: number, colour: string): Svg {
  return `<rect x="${rounded(x)}" y="${rounded(y)}" width="${rounded(width)}" height="${rounded(height)}" fill="${colour}"/>`;
}

export function path(points: readonly (readonly [number, number])[], colour: string, dashes = ''): Svg {
  const at = points.map(([x, y]) => `${rounded(x)},${rounded(y)}`).join(' ');
  const dashed = dashes === '' ? '' : ` stroke-dasharray="${dashes}"`;
  return `<polyline points="${at}" fill="none" stroke="${colour}" stroke-width="2"${dashed}/>`;
}

export const dot = (x: number, y: number, colour: string): Svg =>
  `<circle cx="${rounded(x)}" cy="${rounded(y)}" r="3.5" fill="${colour}"/>`;

/** A bold letter of the widest usual font, in parts of its size: a label may have more room than it needs, never less. */
const letterWidth = 0.66;

/** So wide is a text at most, in pixels: fonts differ from machine to machine. Pure. */
export const roomFor = (content: string, size = 12): number => Math.ceil([...content].length * size * letterWidth);

/** A whole picture on white. */
export function picture(width: number, height: number, pieces: readonly Svg[]): Svg {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif">
${[rectangle(0, 0, width, height, '#ffffff'), ...pieces].join('\n')}
</svg>
`;
}
