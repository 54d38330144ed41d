import type { Drawing } from './drawing.ts';

/** States of a run (`runSchema` in `core/runs/run.ts`), and what becomes of the generation that it builds. */
export const states: Drawing = {
  width: 1180,
  height: 800,
  title: 'States of a run and of a generation',
  description:
    'A run is running until it succeeds, fails, is cancelled or is unconfirmed. An unconfirmed run waits for an operator, who resumes or cancels it. Failed and cancelled runs can be resumed. A generation is built, verified and then serves, or waits where too much would vanish. When another one serves it is kept, and deleted later. A generation that differs from the store is dropped.',
  boxes: [
    {
      kind: 'process',
      x: 40,
      y: 150,
      width: 250,
      name: 'running',
      lines: [
        'repository: listing, staging, replacing;',
        'then building and verifying.',
        'Recompute: repairing, which verifies',
      ],
    },
    {
      kind: 'stream',
      x: 700,
      y: 60,
      width: 440,
      name: 'succeeded',
      lines: ['the generation serves and lacks nothing that was staged'],
    },
    {
      kind: 'trouble',
      x: 700,
      y: 150,
      width: 440,
      name: 'failed',
      lines: [
        'the generation differs from the store: a new one is dropped;',
        'or it serves, but lacks something that was staged',
      ],
    },
    {
      kind: 'store',
      x: 700,
      y: 250,
      width: 440,
      name: 'unconfirmed',
      lines: ['more than 1 % would vanish unexplained: it waits'],
    },
    {
      kind: 'outside',
      x: 700,
      y: 340,
      width: 440,
      name: 'cancelled',
      lines: ['an operator gave it up; what it had built was dropped'],
    },
    {
      kind: 'process',
      x: 40,
      y: 520,
      width: 230,
      name: 'being built',
      lines: ['attached: what loads touch', 'is written to it, too'],
    },
    {
      kind: 'store',
      x: 40,
      y: 660,
      width: 230,
      name: 'waits for a yes',
      lines: ['attached, whole and current;', 'the former one serves'],
    },
    {
      kind: 'stream',
      x: 420,
      y: 520,
      width: 230,
      name: 'serves',
      lines: ['its aliases lead to it;', 'attached and current'],
    },
    {
      kind: 'store',
      x: 800,
      y: 520,
      width: 250,
      name: 'kept',
      lines: ['attached and current, to go back to', '(limits.keptGenerations)'],
    },
    {
      kind: 'outside',
      x: 420,
      y: 660,
      width: 230,
      name: 'serves, not current',
      lines: ['of another layout or store: a run', 'builds one that takes its place'],
    },
    {
      kind: 'plain',
      x: 800,
      y: 660,
      width: 250,
      name: 'deleted',
      lines: ['by itself not before a minute', 'after it ceased to serve'],
    },
  ],
  arrows: [
    {
      path: 'M165 92 V146',
    },
    {
      path: 'M290 165 H420 V85 H696',
    },
    {
      path: 'M290 185 H696',
    },
    {
      path: 'M290 205 H420 V268 H696',
    },
    {
      path: 'M696 290 H360 V222 H294',
      back: true,
    },
    {
      path: 'M250 244 V362 H696',
    },
    {
      path: 'M920 308 V336',
    },
    {
      path: 'M1140 180 H1160 V410 H120 V248',
      back: true,
    },
    {
      path: 'M1140 370 H1160',
      back: true,
    },
    {
      path: 'M270 550 H416',
    },
    {
      path: 'M110 596 V656',
    },
    {
      path: 'M270 690 H340 V565 H416',
    },
    {
      path: 'M650 540 H796',
    },
    {
      path: 'M796 566 H654',
      back: true,
    },
    {
      path: 'M535 596 V656',
    },
    {
      path: 'M650 690 H796',
    },
    {
      path: 'M925 596 V656',
    },
  ],
  labels: [
    { x: 40, y: 38, text: 'A run', bold: true },
    { x: 40, y: 60, text: 'lazuli reindex or recompute; or a worker takes a catalog' },
    { x: 40, y: 78, text: 'over and finds no current generation that serves' },
    { x: 430, y: 76, text: 'verified, serves' },
    { x: 430, y: 176, text: 'verification fails, or dead letters are left' },
    { x: 430, y: 258, text: 'too much would vanish' },
    { x: 430, y: 306, text: 'runs resume, --accept-vanished or not' },
    { x: 430, y: 353, text: 'runs cancel' },
    { x: 930, y: 327, text: 'runs cancel, or another reindex' },
    { x: 430, y: 401, text: 'failed or cancelled: runs resume' },
    { x: 40, y: 480, text: 'A generation', bold: true },
    { x: 40, y: 502, text: 'a run takes a number and makes the plan' },
    { x: 280, y: 541, text: 'verified: swap' },
    { x: 118, y: 615, text: 'too much would vanish' },
    { x: 118, y: 633, text: '(cancelled: deleted)' },
    { x: 350, y: 630, text: 'a yes' },
    { x: 723, y: 531, text: 'another serves', anchor: 'middle' },
    { x: 723, y: 585, text: 'roll back', anchor: 'middle' },
    { x: 545, y: 615, text: 'code, plug-in or store is another one' },
    { x: 545, y: 633, text: 'when a worker takes over' },
    { x: 723, y: 681, text: 'another serves', anchor: 'middle' },
    { x: 935, y: 615, text: 'beyond the limit when a run' },
    { x: 935, y: 633, text: 'has ended, or generation drop' },
    {
      x: 40,
      y: 765,
      text: 'A build that is cancelled, or differs from the store, is dropped. One that loses an index while it goes on is begun again.',
    },
  ],
};
