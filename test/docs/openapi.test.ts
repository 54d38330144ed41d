import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { clone } from '../../cli/clone.ts';
import {
  indexerDocument,
  ingestDocument,
  metricsDocument,
  serviceDocument,
  transformDocument,
} from '../rigs/docs/openapi-documents.ts';

const documents = {
  'service.openapi.json': serviceDocument,
  'indexer.openapi.json': indexerDocument,
  'transform.openapi.json': transformDocument,
  'ingest.openapi.json': ingestDocument,
  'metrics.openapi.json': metricsDocument,
};

describe('OpenAPI documents', () => {
  for (const [name, document] of Object.entries(documents)) {
    it(`are checked in as they are generated: ${name} (LAZULI_UPDATE=1 writes them)`, () => {
      const file = join(clone, 'docs/generated', name);
      const generated = `${JSON.stringify(document(), null, 2)}\n`;
      if (process.env.LAZULI_UPDATE === '1') writeFileSync(file, generated);
      expect(existsSync(file) ? readFileSync(file, 'utf8') : null).to.equal(generated);
    });
  }
});
