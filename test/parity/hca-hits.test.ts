import { expect } from 'chai';
import type { Document } from '../../core/model/metadata.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { canonical } from '../rigs/hca/canonical.ts';
import { asRecorded } from '../rigs/hca/recorded.ts';
import { expected, needsShared } from '../rigs/hca/shared.ts';

interface ExpectedDocument {
  readonly entity_type: string;
  readonly id: string;
  readonly document: Document;
}

interface Exchange {
  readonly n: number;
  readonly request: { readonly path: string };
  readonly status: number;
  readonly body: { readonly hits?: readonly Hit[] } | Hit | null;
}
type Hit = Readonly<Record<string, unknown>> & { readonly entryId: string };

describe('Presented documents', () => {
  before(function () {
    needsShared(this);
  });

  it('equal the recorded hits', () => {
    const documents = new Map<string, Document>();
    for (const { entity_type, id, document } of expected<ExpectedDocument>('aggregates.ndjson.gz')) {
      documents.set(`${entity_type}/${id}`, document);
    }
    const presented = new Map<string, string>();
    const problems: string[] = [];
    let compared = 0;
    for (const { n, request, status, body } of expected<Exchange>('responses.ndjson.gz')) {
      const entityType = /^\/index\/(files|samples|projects|bundles)(\/|$)/.exec(request.path)?.[1];
      if (status !== 200 || entityType === undefined) continue;
      for (const hit of hitsOf(body)) {
        const key = `${entityType}/${hit.entryId}`;
        const ours = presented.get(key) ?? canonical(asRecorded(presentedHit(documents.get(key), entityType)));
        presented.set(key, ours);
        compared++;
        if (ours !== canonical(hit))
          problems.push(`exchange ${n}, ${key}: ${ours}\n  where ${canonical(hit)} is expected`);
      }
    }
    expect(problems.slice(0, 3).join('\n')).to.equal('');
    expect(compared).to.be.greaterThan(500);
  });
});

function hitsOf(body: Exchange['body']): readonly Hit[] {
  if (body === null) return [];
  if ('hits' in body) return body.hits as readonly Hit[];
  return 'entryId' in body ? [body as Hit] : [];
}

function presentedHit(document: Document | undefined, entityType: string): unknown {
  if (document === undefined) return 'no such document';
  return hca.present(document, { entityType, catalog: 'hca', baseUrl: '{base}', accessibleSources: 'all' });
}
