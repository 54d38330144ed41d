import { parseVerbatim } from '../../core/model/json.ts';
import type { Document } from '../../core/model/metadata.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { generateBundles } from '../rigs/models/generated.ts';
import { openTestCatalog } from '../rigs/transform/computed.ts';
import type { TestNotification } from '../rigs/transform/staging.ts';

/** Documents of generated bundles by entity type, as the store computes them. */
export async function generatedDocuments(bundles: number): Promise<Readonly<Record<string, Document[]>>> {
  const notifications = [...generateBundles({ seed: 'answers', bundles })].map(({ fqid, text }): TestNotification => {
    return { action: 'add', fqid, contents: parseVerbatim(text), attributes: { drs_domain: 'data.example' } };
  });
  const catalog = await openTestCatalog(hca);
  try {
    await catalog.add(notifications);
    const byType: Record<string, Document[]> = {};
    for (const [key, document] of await catalog.documents()) {
      const type = key.slice(0, key.indexOf('/'));
      byType[type] = [...(byType[type] ?? []), document];
    }
    return byType;
  } finally {
    await catalog.close();
  }
}
