import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { parseVerbatim } from '../../core/model/json.ts';
import type { Json } from '../../core/model/metadata.ts';
import type { NormalizedBundle } from '../../core/model/normalized.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { contentsDifferences, report } from '../rigs/difference.ts';
import { canonical } from '../rigs/hca/canonical.ts';
import { type Contents, contribution, replicas } from '../rigs/hca/contribution.ts';
import { expected, needsShared, sampleBundles } from '../rigs/hca/shared.ts';

/** Staged as lists, because rows derived from strata hold lists; all other rows hold one value. */
const scalars = new Set(['donors.development_stage', 'library_preparation_protocols.library_construction_approach']);

interface ExpectedContribution {
  readonly entity_type: string;
  readonly document: {
    readonly entity_id: string;
    readonly bundle_uuid: string;
    readonly bundle_version: string;
    readonly contents: Contents;
  };
}

interface ExpectedReplica {
  readonly id: string;
  readonly document: {
    readonly entity_id: string;
    readonly replica_type: string;
    readonly hub_ids: readonly string[];
    readonly contents: Json;
  };
}

describe('Normalized sample bundles', () => {
  const normalized = new Map<string, NormalizedBundle>();

  before(function () {
    needsShared(this);
    for (const bundle of sampleBundles()) {
      normalized.set(`${bundle.fqid.uuid}.${bundle.fqid.version}`, hca.normalize(bundle));
    }
  });

  it('give the 1,488 expected contributions, value by value', function () {
    this.timeout(120_000);
    const actual = new Map<string, () => Contents>();
    for (const [fqid, bundle] of normalized) {
      for (const entity of bundle.entities) {
        const name = `${entity.type}/${entity.id} of ${fqid}`;
        actual.set(name, () => contribution(hca, bundle, entity, scalars));
      }
    }
    const problems: string[] = [];
    let count = 0;
    for (const { entity_type, document } of expected<ExpectedContribution>('contributions.ndjson.gz')) {
      const { entity_id, bundle_uuid, bundle_version, contents } = document;
      const name = `${entity_type}/${entity_id} of ${bundle_uuid}.${bundle_version}`;
      const ours = actual.get(name)?.();
      actual.delete(name);
      count++;
      if (ours === undefined) problems.push(`${name}: missing`);
      else problems.push(...contentsDifferences(ours, contents).map((text) => `${name}: ${text}`));
    }
    problems.push(...[...actual.keys()].map((name) => `${name}: not expected`));
    expect(report(problems)).to.equal('');
    expect(count).to.equal(1488);
  });

  it('give the 2,064 expected replicas', () => {
    const actual = new Map<string, Set<string>>();
    for (const bundle of normalized.values()) {
      for (const { id, type, contents, hubs } of replicas(bundle)) {
        const name = `${type}_${id}_${contentHash(contents)}`;
        actual.set(name, new Set([...(actual.get(name) ?? []), ...hubs]));
      }
    }
    const problems: string[] = [];
    for (const { id, document } of expected<ExpectedReplica>('replicas.ndjson.gz')) {
      const hubs = actual.get(id);
      actual.delete(id);
      if (hubs === undefined) problems.push(`${id}: missing`);
      else if (canonical([...hubs].sort()) !== canonical(document.hub_ids)) problems.push(`${id}: other hubs`);
    }
    problems.push(...[...actual.keys()].map((name) => `${name}: not expected`));
    expect(report(problems)).to.equal('');
  });

  it('can be put together again', () => {
    for (const bundle of sampleBundles()) {
      const rows = normalized.get(`${bundle.fqid.uuid}.${bundle.fqid.version}`)?.rows ?? [];
      const documents = rows.filter(({ table }) => table === 'documents').map(({ values }) => values);
      expect(canonical(assembled(documents))).to.equal(canonical(slashed(bundle.contents)));
    }
  });
});

/** Puts documents where their pointers say. */
function assembled(documents: readonly Readonly<Record<string, unknown>>[]): unknown {
  const metadata: Record<string, unknown> = {};
  const bundle: Record<string, unknown> = { metadata };
  for (const { pointer, contents } of documents) {
    const [, part = '', key] = (pointer as string).split('/');
    if (key === undefined) bundle[part] = JSON.parse(contents as string);
    else metadata[key.replaceAll('~1', '/').replaceAll('~0', '~')] = JSON.parse(contents as string);
  }
  return bundle;
}

/** File names of metadata documents are staged with slashes. */
function slashed(contents: Json): Json {
  const bundle = JSON.parse(JSON.stringify(contents)) as { metadata: Record<string, FileDocument> };
  for (const document of Object.values(bundle.metadata)) {
    const core = (document.content ?? document).file_core;
    if (core !== undefined) core.file_name = core.file_name.replaceAll('!', '/');
  }
  return bundle as unknown as Json;
}

interface FileDocument {
  readonly content?: FileDocument;
  readonly file_core?: { file_name: string };
}

/** Specification, indexing 2.6 */
function contentHash(contents: string): string {
  return createHash('sha1')
    .update(escaped(sorted(parseVerbatim(contents))))
    .digest('hex');
}

function sorted(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join()}]`;
  if (typeof value !== 'object' || value === null || 'rawJSON' in value) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${sorted((value as Record<string, Json>)[name] as Json)}`).join()}}`;
}

function escaped(json: string): string {
  return json.replace(/[^\0-~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
