import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  builderPoints,
  compactionPoints,
  copyPoints,
  exportPoints,
  ingestPoints,
  loadingPoints,
  rebuildPoints,
  removalPoints,
  replacementPoints,
  restagingPoints,
  restorePoints,
  sharingPoints,
  snapshotPoints,
} from '../rigs/faults/deaths.ts';

const root = join(import.meta.dirname, '../..');

/** Fault points that the code of a room names. */
function pointsIn(room: string): string[] {
  const files = readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const text = files.map((file) => readFileSync(join(root, room, file), 'utf8')).join('\n');
  return [...text.matchAll(/fault\('([a-z.-]+)'\)/g)].map(([, point = '']) => point);
}

const sorted = (points: Iterable<string>): string[] => [...new Set(points)].sort();

describe('Every fault point', () => {
  const tested = sorted([
    ...ingestPoints,
    ...loadingPoints,
    ...compactionPoints,
    ...removalPoints,
    ...copyPoints,
    ...restorePoints,
    ...rebuildPoints,
    ...builderPoints,
    ...sharingPoints,
    ...snapshotPoints,
    ...restagingPoints,
    ...replacementPoints,
    ...exportPoints,
  ]);

  it('is one at which a test kills the worker', () => {
    expect(sorted([...pointsIn('ingest'), ...pointsIn('transform'), ...pointsIn('exports')])).to.deep.equal(tested);
  });

  it('is explained in docs/faults.md', () => {
    const text = readFileSync(join(root, 'docs/faults.md'), 'utf8');
    const explained = [...text.matchAll(/^\| `((?:ingest|transform|exports)\.[a-z-]+)` \|/gm)].map(
      ([, point = '']) => point,
    );
    expect(sorted(explained)).to.deep.equal(tested);
  });
});
