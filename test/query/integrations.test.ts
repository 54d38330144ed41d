import { expect } from 'chai';
import type { Portal } from '../../core/model/portals.ts';
import { integrationsOf, parseIds } from '../../query/integrations.ts';

const get = { integration_type: 'get', entity_type: 'project' };
const portals: readonly Portal[] = [
  {
    portal_id: 'p1',
    portal_icon: 'https://one.example/icon',
    integrations: [
      { ...get, integration_id: 'for all' },
      { ...get, integration_id: 'for two', entity_ids: ['a', 'b'] },
      { ...get, integration_id: 'files', entity_type: 'file' },
    ],
  },
  { portal_id: 'p2', integrations: [{ ...get, integration_id: 'for one', entity_ids: ['c'] }] },
  { portal_id: 'p3', integrations: [] },
];

/** Ids of portals and of their integrations. */
const found = (entity_type: string, integration_type: string, ids?: string) =>
  integrationsOf(portals, { entity_type, integration_type, entityIds: parseIds(ids) }).map(
    ({ portal_id, integrations }) => [portal_id, integrations.map(({ integration_id }) => integration_id)],
  );

describe('integrations', () => {
  const cases: [string | undefined, unknown][] = [
    [
      undefined,
      [
        ['p1', ['for all', 'for two']],
        ['p2', ['for one']],
      ],
    ],
    ['', [['p1', ['for all']]]],
    [' , ', [['p1', ['for all']]]],
    ['b', [['p1', ['for all', 'for two']]]],
    [
      'x, c ,b',
      [
        ['p1', ['for all', 'for two']],
        ['p2', ['for one']],
      ],
    ],
    ['x', [['p1', ['for all']]]],
  ];
  for (const [ids, expected] of cases) {
    it(`for the entities ${JSON.stringify(ids)}`, () => {
      expect(found('project', 'get', ids)).to.deep.equal(expected);
    });
  }

  it('are of one type, for one type of entity', () => {
    expect(found('file', 'get')).to.deep.equal([['p1', ['files']]]);
    expect(found('bundle', 'get')).to.deep.equal([]);
    expect(found('project', 'get_manifest')).to.deep.equal([]);
  });

  it('come with all that is known of the portal', () => {
    const [first] = integrationsOf(portals, { entity_type: 'file', integration_type: 'get', entityIds: undefined });
    expect(first).to.deep.equal({ ...portals[0], integrations: [portals[0]?.integrations[2]] });
  });
});
