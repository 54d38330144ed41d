import { expect } from 'chai';
import type { Repository } from '../../core/model/repository.ts';
import { newestBundles } from '../../ingest/restaging/units.ts';
import { patient } from '../signals.ts';

const source = { id: 'source-1', spec: 'test:/0' };
const uuid = '00000000-0000-4000-8000-000000000001';

describe('The newest version of a bundle that a repository lists', () => {
  it('is the one that the store selects: versions compare by code points, not by UTF-16 units', async () => {
    const versions = ['\uffff', '\u{1f600}', '\ue000'];
    async function* listBundles() {
      for (const version of versions) yield { source, uuid, version };
    }
    const { newest } = await newestBundles({ listBundles } as unknown as Repository, source, '', patient);
    expect(newest).to.deep.equal([{ source, uuid, version: '\u{1f600}' }]);
  });
});
