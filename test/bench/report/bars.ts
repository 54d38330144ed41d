import { headroom, type Reported, verdict } from '../measurement.ts';
import { ink, line, rectangle, roomFor, type Svg, text } from './svg.ts';
import { targetOf, withUnit } from './table.ts';

const margin = 20;
const gap = 10;
const scaleWidth = 380;
const rowHeight = 26;
const top = 78;
const title = 'Figures against their targets: the longer a bar, the better';
const explanation = 'Of what should be high (≥) figure ÷ target, of what should be low (≤) target ÷ figure';
/** Multiples of a target that are marked. */
const marks = [
  [0.5, 'half as good'],
  [1, 'target'],
  [2, 'twice as good'],
] as const;
/** Bars end here, so that one that is far beyond its target doesn't squeeze the others. */
const mostHeadroom = 2.5;

/** A panel and the room that it takes, in pixels. */
export interface Panel {
  readonly width: number;
  readonly height: number;
  readonly pieces: readonly Svg[];
}

/** One bar for each figure with a target: longer is better, whichever way the figure goes. */
export function barsPanel(measurements: readonly Reported[]): Panel {
  const bars = measurements.flatMap((measurement) => {
    const found = headroom(measurement);
    return found === null ? [] : [{ measurement, found }];
  });
  if (bars.length === 0) return { width: 0, height: 0, pieces: [] };
  const bottom = top + bars.length * rowHeight;
  const widest = (of: (measurement: Reported) => string): number =>
    Math.max(...bars.map(({ measurement }) => roomFor(of(measurement))));
  const left = margin + widest(({ name }) => name) + gap;
  const right = left + scaleWidth + gap + widest(figureOf) + margin;
  const at = (found: number): number => left + (Math.min(found, mostHeadroom) / mostHeadroom) * scaleWidth;
  return {
    width: Math.max(right, margin * 2 + roomFor(title, 16), margin * 2 + roomFor(explanation)),
    height: bottom + 30,
    pieces: [
      text(margin, 28, title, { size: 16, bold: true }),
      text(margin, 46, explanation, { colour: ink.faint }),
      ...marks.map(([found, name]) => text(at(found), top - 8, name, { anchor: 'middle', colour: ink.faint })),
      ...bars.flatMap(({ measurement, found }, i) => bar(measurement, [left, at(found)], top + i * rowHeight)),
      ...marks.map(([found]) => line(at(found), top - 4, at(found), bottom, found === 1 ? ink.text : ink.grid, '4 3')),
    ],
  };
}

function bar(measurement: Reported, [from, to]: readonly [number, number], y: number): Svg[] {
  const colour = verdict(measurement) === 'met' ? ink.met : ink.missed;
  return [
    text(from - gap, y + 15, measurement.name, { anchor: 'end' }),
    rectangle(from, y + 3, to - from, rowHeight - 8, colour),
    text(from + scaleWidth + gap, y + 15, figureOf(measurement)),
  ];
}

function figureOf(measurement: Reported): string {
  const missed = verdict(measurement) === 'missed' ? ', missed' : '';
  return `${withUnit(measurement)}  (${targetOf(measurement)}${missed})`;
}
