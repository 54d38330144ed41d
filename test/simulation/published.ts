import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { everything } from '../../core/documents/filter.ts';
import { Snapshots } from '../../core/exports/snapshots.ts';
import { Selection } from '../../exports/selection/selection.ts';
import { collectionDifferences, documentDifferences, type Members, report } from '../rigs/difference.ts';
import { orchard, publishedType } from '../rigs/models/orchard.ts';
import { documentsOf } from './serving.ts';
import type { Site } from './site.ts';
import { catalog } from './workers.ts';

const limits = { memoryBytes: 2 ** 27, temporaryBytes: 2 ** 27, threads: 1 };

/** @throws Error where the newest snapshot doesn't have the documents that are served */
export async function expectPublished(site: Site): Promise<void> {
  const served = [...(await documentsOf(site))].filter(([key]) => key.startsWith(`${publishedType}/`));
  const expected = new Map(served.map(([key, { _hash, ...document }]) => [key, document]));
  const problems = collectionDifferences(await publishedDocuments(site), expected, documentDifferences);
  if (problems.length > 0) throw new Error(`What is published is wrong:\n${report(problems)}`);
}

async function publishedDocuments({ around }: Site): Promise<ReadonlyMap<string, Members>> {
  const objects = around.objects.plain;
  const snapshot = await new Snapshots(objects, catalog).newest();
  if (snapshot === null) throw new Error('Nothing is published');
  const temporary = mkdtempSync(join(tmpdir(), 'lazuli-published-'));
  const of = { objects, catalog, plugin: orchard, entityType: publishedType, snapshot, filter: everything };
  const selection = await Selection.open({ ...of, temporary, limits });
  try {
    const found = new Map<string, Members>();
    for await (const rows of selection.stream('SELECT entity_id, body FROM selected'))
      for (const { entity_id, body } of rows) found.set(`${publishedType}/${entity_id}`, JSON.parse(String(body)));
    return found;
  } finally {
    await selection.close();
  }
}
