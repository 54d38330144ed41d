import { expect } from 'chai';
import { systemClock } from '../../core/runtime/clock.ts';
import { Outbox } from '../../transform/emitting/outbox.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { add } from '../rigs/transform/cages.ts';
import { openTestCatalog } from '../rigs/transform/computed.ts';

/** Of each bundle; more than are taken at a time for all three. */
const cages = 900;

describe('What is taken of what waits to be written', () => {
  it('is that of one bundle after the other', async () => {
    const catalog = await openTestCatalog(zoo);
    try {
      await catalog.add(
        ['one', 'two', 'three'].map((uuid) => {
          const ids = Array.from({ length: cages }, (_, i) => `${i}-${uuid}`);
          return add({ uuid, version: '1', cages: Object.fromEntries(ids.map((id) => [id, [{ id: 'a' }]])) });
        }),
      );
      const { wanted } = await new Outbox(catalog.store, systemClock).take();
      expect(wanted).to.be.within(2 * cages, 3 * cages - 1);
      const rows = await catalog.store.rows(
        'SELECT count(*) AS number FROM wanted JOIN entities USING (entity_type, entity_id) GROUP BY bundle_key ORDER BY bundle_key',
      );
      expect(rows.map(({ number }) => Number(number))).to.deep.equal([cages, cages, wanted - 2 * cages]);
    } finally {
      await catalog.close();
    }
  });
});
