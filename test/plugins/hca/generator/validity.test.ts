import { expect } from 'chai';
import { LazuliError } from '../../../../core/config/errors.ts';
import type { BundleFqid } from '../../../../core/model/bundle.ts';
import { parseVerbatim } from '../../../../core/model/json.ts';
import { normalize } from '../../../../plugins/metadata/hca/normalize.ts';
import { badBundles } from '../../../rigs/faults/bad-bundles.ts';
import { generateBundles } from '../../../rigs/models/generated.ts';
import { numRuns, seed } from '../../../rigs/property.ts';

/** The two biggest are left to the tests of the whole pipeline; text is refused when it is staged, names when it is read. */
const elsewhere = [
  ...['50 MB', '100,000 entities'],
  ...['half a surrogate pair where nobody looks', 'a name twice in one object'],
];

function normalized(fqid: BundleFqid, text: string): ReturnType<typeof normalize> {
  return normalize({ fqid, contents: parseVerbatim(text), repository: { drs_domain: 'data.example' } });
}

function failure(fqid: BundleFqid, text: string): unknown {
  try {
    normalized(fqid, text);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('The HCA normalizer', () => {
  for (const options of [{}, { skew: 1, sources: 3 }, { size: 1 }, { skew: 0 }]) {
    it(`accepts every generated bundle: ${JSON.stringify(options)}`, () => {
      for (const { fqid, text } of generateBundles({
        seed: seed(),
        bundles: numRuns(3000),
        versions: 0.5,
        ...options,
      })) {
        expect(failure(fqid, text), `${fqid.uuid}.${fqid.version}`).to.equal(undefined);
      }
    });
  }

  for (const { name, fqid, bytes, expected } of badBundles(11).filter((one) => !elsewhere.includes(one.name))) {
    it(`meets a bad bundle: ${name}`, () => {
      const error = failure(fqid, Buffer.from(bytes()).toString());
      if (expected.outcome === 'indexed') return expect(error).to.equal(undefined);
      if (expected.code === 'bundle_not_json') return expect(error).to.be.instanceOf(SyntaxError);
      expect(error).to.be.instanceOf(LazuliError).with.property('code', expected.code);
      if (expected.entity !== undefined) expect((error as LazuliError).place.entity).to.equal(expected.entity);
    });
  }
});
