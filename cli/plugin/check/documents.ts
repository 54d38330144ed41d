import { shownIssues } from '../../../core/config/issues.ts';
import { documentDecoder } from '../../../core/documents/document-decoder.ts';
import { documentLayout } from '../../../core/documents/document-layout.ts';
import { idColumn } from '../../../core/model/fields.ts';
import type { Document, Json, MetadataPlugin } from '../../../core/model/metadata.ts';
import type { Findings } from './finding.ts';

/** A document as the statements computed it, and as the API would answer it. */
export interface Presented {
  /** natural JSON, as `present` takes it */
  readonly document: Document;
  /** null where `present` gives none */
  readonly hit: Json;
}

const bearNull =
  'Expect null in any field, `[null]` or `[]` in any list, and an empty role: until all is indexed again documents of the former version are shown so.';

/**
 * Decodes documents of one entity type and has the plug-in present them, as the service does.
 *
 * @returns a function that takes a document as indexed
 */
export function presenter(plugin: MetadataPlugin, entityType: string, findings: Findings) {
  const context = {
    entityType,
    catalog: plugin.name,
    baseUrl: 'http://127.0.0.1:8000',
    accessibleSources: 'all',
  } as const;
  const layout = documentLayout(plugin, entityType);
  const decode = documentDecoder(plugin, entityType);
  // As documents of a former version may be: with nothing in any role, or nothing but ids.
  const ids = Object.entries(layout.fields).filter(([path]) => path.endsWith(`.${idColumn}`));
  const formers = [{}, Object.fromEntries(ids)].map((fields) =>
    documentDecoder(plugin, entityType, { ...layout, fields }),
  );
  const schema = plugin.hit?.(entityType);
  const present = (document: Document, where: string, remedy: string): Json => {
    try {
      const text = JSON.stringify(plugin.present(document, context));
      if (text?.startsWith('{')) return JSON.parse(text);
      findings.error(where, '`present` gives no object', remedy);
    } catch (error) {
      findings.error(where, `\`present\` throws ${String(error)}`, remedy);
    }
    return null;
  };
  return (id: string, source: Readonly<Record<string, Json>>): Presented => {
    const where = `${entityType}/${id}`;
    const document = decode(source);
    const hit = present(document, where, 'Correct `present`.');
    const { error } = (hit === null ? undefined : schema?.safeParse(hit)) ?? {};
    if (error !== undefined)
      findings.error(where, `the hit isn't as \`hit\` says: ${shownIssues(error)}`, 'Correct `hit`, or `present`.');
    for (const decodeFormer of formers) present(decodeFormer(source), `${where}, with fields that are null`, bearNull);
    return { document, hit };
  };
}
