import type { Line, Reported } from '../measurement.ts';
import { barsPanel, type Panel } from './bars.ts';
import { linesPanel } from './lines.ts';
import { picture, type Svg } from './svg.ts';

const leastWidth = 640;

/** One picture: figures against targets, then time and memory by the number of bundles. Pure. */
export function renderPlot(measurements: readonly Reported[], lines: readonly Line[]): Svg {
  const panels = [barsPanel(measurements), linesPanel(lines, 's'), linesPanel(lines, 'MB')];
  let offset = 0;
  const pieces = panels.map(({ height, pieces: drawn }: Panel) => {
    const moved = `<g transform="translate(0 ${offset})">\n${drawn.join('\n')}\n</g>`;
    offset += height;
    return moved;
  });
  return picture(Math.max(leastWidth, ...panels.map(({ width }) => width)), Math.max(offset, 40), pieces);
}
