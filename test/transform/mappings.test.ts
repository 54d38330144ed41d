import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { indexBody } from '../../core/documents/index-layout.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { engines } from '../rigs/engines.ts';

const folder = resolve(import.meta.dirname, '../../docs/generated');
const entityTypes = Object.keys(hca.entityTypes);
const fileOf = (entityType: string): string => join(folder, `hca-${entityType}.mapping.json`);
const generated = (entityType: string): string =>
  `${JSON.stringify(indexBody(hca, entityType, {}).mappings, null, 2)}\n`;

/** Every part of a mapping, however deep. */
function* parts(mapping: object): Generator<Readonly<Record<string, unknown>>> {
  yield mapping as Readonly<Record<string, unknown>>;
  for (const part of Object.values(mapping)) if (typeof part === 'object' && part !== null) yield* parts(part);
}

describe('Index mappings of the HCA plug-in', () => {
  for (const entityType of entityTypes) {
    it(`are checked in as they are generated: ${entityType} (LAZULI_UPDATE=1 writes them)`, () => {
      if (process.env.LAZULI_UPDATE === '1') {
        mkdirSync(folder, { recursive: true });
        writeFileSync(fileOf(entityType), generated(entityType));
      }
      expect(existsSync(fileOf(entityType)) ? readFileSync(fileOf(entityType), 'utf8') : null).to.equal(
        generated(entityType),
      );
    });

    it(`guess nothing: ${entityType}`, () => {
      const { mappings } = indexBody(hca, entityType, {});
      expect([mappings.dynamic, mappings.date_detection]).to.deep.equal(['strict', false]);
      const types = new Set(
        [...parts(mappings.properties)].flatMap(({ type }) => (typeof type === 'string' ? [type] : [])),
      );
      const known = ['keyword', 'long', 'double', 'boolean', 'double_range', 'nested', 'object'];
      expect([...types].filter((type) => !known.includes(type))).to.deep.equal([]);
    });

    it(`are accepted by OpenSearch: ${entityType}`, async function () {
      this.timeout(180_000);
      const index = `${await engines.opensearch()}/lazuli_mappings_${entityType}`;
      const headers = { 'content-type': 'application/json' };
      await fetch(index, { method: 'DELETE' });
      const created = await fetch(index, {
        method: 'PUT',
        headers,
        body: JSON.stringify(indexBody(hca, entityType, {})),
      });
      expect(created.status, await created.text()).to.equal(200);
      const answer = (await (await fetch(`${index}/_mapping`)).json()) as Record<string, { mappings: unknown }>;
      const [{ mappings } = { mappings: null }] = Object.values(answer);
      expect(strings(mappings)).to.deep.equal(strings(indexBody(hca, entityType, {}).mappings));
      await fetch(index, { method: 'DELETE' });
    });
  }

  it('take ranges that are closed, open on either side or both, and null', async function () {
    this.timeout(180_000);
    const index = `${await engines.opensearch()}/lazuli_ranges`;
    const headers = { 'content-type': 'application/json' };
    await fetch(index, { method: 'DELETE' });
    await fetch(index, { method: 'PUT', headers, body: JSON.stringify(indexBody(hca, 'files', {})) });
    for (const range of [{ gte: 1, lte: 2.5 }, { gte: 1 }, { lte: 2 }, {}, null]) {
      const body = JSON.stringify({ contents: { donors: [{ organism_age_range: [range] }] } });
      const answer = await fetch(`${index}/_doc`, { method: 'POST', headers, body });
      expect(answer.status, `${body}: ${await answer.text()}`).to.equal(201);
    }
    await fetch(index, { method: 'DELETE' });
  });
});

/** OpenSearch gives settings back as text. */
function strings(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, strings(part)]));
}
