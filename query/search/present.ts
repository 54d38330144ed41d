import { LazuliError } from '../../core/config/errors.ts';
import type { Document, MetadataPlugin, PresentContext } from '../../core/model/metadata.ts';

/**
 * A document as its plug-in shows it.
 *
 * @throws LazuliError `plugin_faulty` naming plug-in and document, for the log: callers get an internal error
 */
export function presented(plugin: MetadataPlugin, document: Document, context: PresentContext): unknown {
  try {
    return plugin.present(document, context);
  } catch (cause) {
    const entity = `${context.entityType}/${document.entity_id}`;
    throw new LazuliError('plugin_faulty', `Plug-in '${plugin.name}' can't present ${entity}: ${String(cause)}`, {
      place: { catalog: context.catalog, entity },
      remedy: 'Correct `present` of the metadata plug-in; other documents are served.',
      cause,
    });
  }
}
