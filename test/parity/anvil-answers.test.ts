import type { Document } from '../../core/model/metadata.ts';
import { anvil } from '../../plugins/metadata/anvil/plugin.ts';
import { startService } from '../rigs/service/harness.ts';
import { recordedAnswers } from './answers.ts';
import { recordedDocuments } from './anvil-expected.ts';

recordedAnswers('anvil', 403, () => {
  const documents: Record<string, Document[]> = {};
  for (const [key, document] of recordedDocuments()) {
    const [type = ''] = key.split('/', 1);
    documents[type] = [...(documents[type] ?? []), document];
  }
  const sources = documents.datasets?.[0]?.sources ?? [];
  return startService({ plugin: anvil, catalog: 'anvil', sources, documents });
});
