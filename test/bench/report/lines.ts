import type { Line } from '../measurement.ts';
import { shown } from '../statistics.ts';
import type { Panel } from './bars.ts';
import { dot, ink, line, lineColours, path, roomFor, type Svg, text } from './svg.ts';

const chart = { left: 70, top: 50, width: 480, height: 300 } as const;
const keyLeft = chart.left + chart.width + 30;
const linearName = 'dotted: as the number of bundles grows';
const panelHeight = chart.top + chart.height + 60;

/** From a value to where it is drawn, by its logarithm. */
export interface Axis {
  readonly low: number;
  readonly high: number;
  at(value: number): number;
  /** powers of ten */
  readonly ticks: readonly number[];
}

/** Whole powers of ten around positive values. Pure. */
export function logAxis(values: readonly number[], start: number, end: number): Axis {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return {
    low: 10 ** low,
    high: 10 ** high,
    at: (value) => start + ((Math.log10(value) - low) / (high - low)) * (end - start),
    ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)),
  };
}

/** How things of one unit grow with the number of bundles, both axes logarithmic. */
export function linesPanel(lines: readonly Line[], unit: Line['unit']): Panel {
  const drawn = lines.filter((each) => each.unit === unit && each.points.length > 0);
  if (drawn.length === 0) return { width: 0, height: 0, pieces: [] };
  const points = drawn.flatMap((each) => each.points);
  const bundles = points.map((point) => point.bundles);
  const x = logAxis(bundles, chart.left, chart.left + chart.width);
  const y = logAxis(
    points.map(({ value }) => value),
    chart.top + chart.height,
    chart.top,
  );
  const names = [...drawn.map(({ name }) => name), linearName];
  return {
    width: keyLeft + 12 + Math.max(...names.map((name) => roomFor(name))) + 20,
    height: panelHeight,
    pieces: [
      text(20, 28, unit === 's' ? 'Seconds by bundles' : 'Memory (MB) by bundles', { size: 16, bold: true }),
      ...grid(x, y),
      ...linear(x, y),
      ...drawn.flatMap((each, i) => [...curve(each, x, y, colourOf(i)), ...key(each.name, i, colourOf(i))]),
      ...key(linearName, drawn.length, ink.faint),
    ],
  };
}

const colourOf = (i: number): string => lineColours[i % lineColours.length] ?? ink.text;

function grid(x: Axis, y: Axis): Svg[] {
  const [right, bottom] = [chart.left + chart.width, chart.top + chart.height];
  return [
    ...x.ticks.flatMap((tick) => [
      line(x.at(tick), chart.top, x.at(tick), bottom, ink.grid),
      text(x.at(tick), bottom + 18, shown(tick), { anchor: 'middle', colour: ink.faint }),
    ]),
    ...y.ticks.flatMap((tick) => [
      line(chart.left, y.at(tick), right, y.at(tick), ink.grid),
      text(chart.left - 8, y.at(tick) + 4, shown(tick), { anchor: 'end', colour: ink.faint }),
    ]),
    text(chart.left + chart.width / 2, bottom + 38, 'bundles', { anchor: 'middle', colour: ink.faint }),
  ];
}

/** What is as steep as this grows as fast as the number of bundles. */
function linear(x: Axis, y: Axis): Svg[] {
  const decades = Math.min(Math.log10(x.high / x.low), Math.log10(y.high / y.low));
  const end: readonly [number, number] = [x.at(x.low * 10 ** decades), y.at(y.low * 10 ** decades)];
  return [line(x.at(x.low), y.at(y.low), end[0], end[1], ink.faint, '2 4')];
}

function curve({ points }: Line, x: Axis, y: Axis, colour: string): Svg[] {
  const at = points.map(({ bundles, value }) => [x.at(bundles), y.at(value)] as const);
  return [
    path(at, colour),
    ...at.map(([left, top]) => dot(left, top, colour)),
    ...at.map(([left, top], i) =>
      text(left, top - 8, shown(points[i]?.value ?? 0), { anchor: 'middle', size: 10, colour }),
    ),
  ];
}

function key(name: string, i: number, colour: string): Svg[] {
  const top = chart.top + 12 + i * 22;
  return [dot(keyLeft, top - 4, colour), text(keyLeft + 12, top, name)];
}
