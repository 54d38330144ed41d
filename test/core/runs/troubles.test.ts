import { expect } from 'chai';
import type { CatalogFacts } from '../../../core/runs/facts.ts';
import { type KnownStage, troublesOf } from '../../../core/runs/troubles.ts';

const well: CatalogFacts = {
  ...{ generation: 3, isCurrent: true, isBuilding: false, absent: [], unconfirmed: null },
  staged: { files: { number: 0, first: null }, missing: 0, unreadable: null },
};
const staged = (more: Partial<NonNullable<CatalogFacts['staged']>>) => ({
  staged: { files: { number: 0, first: null }, missing: 0, unreadable: null, ...more },
});
const none: KnownStage = { stage: 'transform', catalog: 'hca', paused: null, facts: well };

/** Codes and remedies of what is known of a catalog. */
const told = (facts: Partial<CatalogFacts>) =>
  troublesOf({ ...none, facts: { ...well, ...facts } }).map(({ code, remedy }) => `${code}: ${remedy}`);

describe('What is not as it should be', () => {
  it('is nothing where all is well, and where nobody says anything', () => {
    expect(troublesOf(none)).to.deep.equal([]);
    expect(troublesOf({ ...none, facts: null })).to.deep.equal([]);
    expect(told({ generation: null, isCurrent: false, isBuilding: true, staged: null })).to.deep.equal([]);
  });

  const states: Readonly<Record<string, readonly [Partial<CatalogFacts>, RegExp]>> = {
    'a generation that waits for a yes': [
      { unconfirmed: { run: 'r', reason: 'Generation 4 lacks 9 of 10 files' } },
      /^unconfirmed: .*`lazuli runs resume --accept-vanished --catalog hca`/,
    ],
    'bundles that are missing in the store': [
      staged({ missing: 40 }),
      /^bundles_missing: .*`lazuli recompute --since TRIM_HORIZON --catalog hca`/,
    ],
    'staged files that are gone': [
      staged({ files: { number: 2, first: 'hca/files/b.parquet' } }),
      /^files_missing: .*`lazuli reindex --from repository --catalog hca`/,
    ],
    'staged files that can not be read': [
      staged({ unreadable: 'no magic bytes' }),
      /^files_damaged: .*`lazuli verify --deep --catalog hca`/,
    ],
    'a generation that serves and is not kept current': [
      { isCurrent: false },
      /^outdated: .*`lazuli reindex --catalog hca`/,
    ],
    'indices that were deleted': [{ absent: ['files'] }, /^index_missing: .*`lazuli reindex --catalog hca`/],
    'no generation at all': [{ generation: null, isCurrent: false }, /^unserved: .*`lazuli reindex --catalog hca`/],
  };
  for (const [what, [facts, expected]] of Object.entries(states)) {
    it(`is ${what}, with the command that corrects it`, () => {
      const [only, ...others] = told(facts);
      expect(only).to.match(expected);
      expect(others).to.deep.equal([]);
    });
  }

  it('is a stage that stands still, with the remedy of the error, or one for its kind', () => {
    const paused = { code: 'index_unavailable', reason: 'refused', since: 5 };
    const remedyOf = (more: Partial<KnownStage>) => troublesOf({ ...none, ...more })[0]?.remedy;
    expect(remedyOf({ paused: { ...paused, remedy: 'Do this.' } })).to.equal('Do this.');
    for (const code of ['index_unavailable', 'silent', 'unanswered', 'unexpected', 'store_exhausted'])
      expect(remedyOf({ paused: { ...paused, code } }), code).to.match(/\.$/);
    const halted = { ...paused, code: 'halted' };
    expect(remedyOf({ stage: 'ingest', catalog: null, facts: null, paused: halted })).to.include(
      'lazuli resume ingest',
    );
    expect(remedyOf({ paused: halted })).to.include('lazuli resume emit');
    expect(troublesOf({ ...none, paused })[0]).to.include({ stage: 'transform', catalog: 'hca', reason: 'refused' });
  });
});
