import { headroom, type Reported } from '../measurement.ts';
import { ink, line, rectangle, type Svg, text } from './svg.ts';
import { targetOf, withUnit } from './table.ts';

const label = 330;
const scaleWidth = 380;
const rowHeight = 26;
const top = 54;
/** Bars end here, so that one that is far beyond its target doesn't squeeze the others. */
const mostHeadroom = 2.5;

/** A panel and its height. */
export interface Panel {
  readonly height: number;
  readonly pieces: readonly Svg[];
}

/** One bar for each figure with a target, so long as it is good: the line is the target. */
export function barsPanel(measurements: readonly Reported[]): Panel {
  const bars = measurements.flatMap((measurement) => {
    const found = headroom(measurement);
    return found === null ? [] : [{ measurement, found }];
  });
  if (bars.length === 0) return { height: 0, pieces: [] };
  const bottom = top + bars.length * rowHeight;
  const atTarget = label + scaleWidth / mostHeadroom;
  return {
    height: bottom + 30,
    pieces: [
      text(20, 28, 'Figures against their targets', { size: 16, bold: true }),
      text(atTarget, top - 8, 'target', { anchor: 'middle', colour: ink.faint }),
      ...bars.flatMap(({ measurement, found }, i) => bar(measurement, found, top + i * rowHeight)),
      line(atTarget, top - 4, atTarget, bottom, ink.text, '4 3'),
    ],
  };
}

function bar(measurement: Reported, found: number, y: number): Svg[] {
  const width = (Math.min(found, mostHeadroom) / mostHeadroom) * scaleWidth;
  const colour = found >= 1 ? ink.met : ink.missed;
  const figure = `${withUnit(measurement)}  (${targetOf(measurement)}${found >= 1 ? '' : ', missed'})`;
  return [
    text(label - 10, y + 15, measurement.name, { anchor: 'end' }),
    rectangle(label, y + 3, width, rowHeight - 8, colour),
    text(label + scaleWidth + 10, y + 15, figure),
  ];
}
