import type { Drawing } from './drawing.ts';

/** What a staged batch goes through (`core/staged/standings.ts`, architecture, invariants 2 and 3). */
export const batch: Drawing = {
  width: 1180,
  height: 640,
  title: 'The life of a batch',
  description:
    'Ingest writes Parquet files, which mean nothing until the manifest is there. Then the batch counts: it is loaded, its documents are written, and the pointer is checkpointed. A batch that was staged aside for a run counts once a manifest admits it; if the run is given up, it is deleted. When another manifest replaces a batch, it does not count any more, and ten minutes later its files are deleted. A damaged batch becomes a dead letter. A batch of a former plug-in version is staged again.',
  boxes: [
    {
      kind: 'plain',
      x: 30,
      y: 60,
      width: 220,
      name: 'files without a manifest',
      lines: ['written by ingest; mean nothing.', 'A crash may leave them behind'],
    },
    {
      kind: 'store',
      x: 330,
      y: 60,
      width: 220,
      name: 'counts, not loaded',
      lines: ['a pointer, or the look at all', 'manifests, makes it known'],
    },
    {
      kind: 'store',
      x: 630,
      y: 60,
      width: 220,
      name: 'counts, loaded',
      lines: ['rows in the store, entities', 'in the outbox'],
    },
    {
      kind: 'store',
      x: 930,
      y: 60,
      width: 220,
      name: 'counts, written',
      lines: ['documents, into all attached', 'generations; checkpoint moves'],
    },
    {
      kind: 'plain',
      x: 30,
      y: 240,
      width: 220,
      name: 'aside',
      lines: ['staged for a run from the', 'repository; doesn’t count'],
    },
    {
      kind: 'trouble',
      x: 330,
      y: 240,
      width: 220,
      name: 'damaged',
      lines: ['dead letter batch_damaged;', 'the others are loaded'],
    },
    {
      kind: 'outside',
      x: 630,
      y: 240,
      width: 220,
      name: 'outdated',
      lines: ['staged by a former version of', 'the plug-in: transform waits'],
    },
    {
      kind: 'outside',
      x: 480,
      y: 420,
      width: 400,
      name: 'replaced',
      lines: ['doesn’t count; its files stay for whoever reads them'],
    },
    { kind: 'plain', x: 480, y: 560, width: 400, name: 'deleted', lines: ['first the files, then the manifest'] },
  ],
  arrows: [
    {
      path: 'M250 93 H326',
    },
    {
      path: 'M550 93 H626',
    },
    {
      path: 'M850 93 H926',
    },
    {
      path: 'M250 258 H290 V115 H326',
    },
    {
      path: 'M440 136 V236',
    },
    {
      path: 'M530 136 V180 H700 V236',
    },
    {
      path: 'M740 316 V416',
    },
    {
      path: 'M1040 136 V449 H884',
    },
    {
      path: 'M680 478 V556',
    },
    {
      path: 'M330 278 H312 V170 H140 V140',
      back: true,
    },
    {
      path: 'M140 316 V590 H476',
    },
  ],
  labels: [
    { x: 288, y: 84, text: 'manifest', anchor: 'middle' },
    { x: 588, y: 84, text: 'load', anchor: 'middle' },
    { x: 888, y: 84, text: 'write', anchor: 'middle' },
    { x: 260, y: 225, text: 'a manifest admits it', anchor: 'end' },
    { x: 750, y: 345, text: 'ingest stages it again, by the verbatim' },
    { x: 750, y: 363, text: 'documents; the last of the new batches' },
    { x: 750, y: 381, text: 'replaces it' },
    { x: 1050, y: 245, text: 'a merge, the' },
    { x: 1050, y: 263, text: 'removal of a' },
    { x: 1050, y: 281, text: 'source, or a' },
    { x: 1050, y: 299, text: 'run from the' },
    { x: 1050, y: 317, text: 'repository' },
    { x: 1050, y: 335, text: 'replaces it' },
    { x: 690, y: 515, text: 'ten minutes after what replaces it was made, once the store has that' },
    { x: 340, y: 340, text: 'redriven: its bundles are notified' },
    { x: 340, y: 358, text: 'again, and its manifest is deleted' },
    { x: 150, y: 420, text: 'the run was given up, and' },
    { x: 150, y: 438, text: 'the batch is ten minutes old' },
    {
      x: 30,
      y: 38,
      text: 'A batch counts from the moment that its manifest exists, or admits it, to the moment that another manifest replaces it.',
      bold: true,
    },
  ],
};
