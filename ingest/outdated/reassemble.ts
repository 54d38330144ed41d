import { parseVerbatim } from '../../plugins/json.ts';
import type { Json } from '../../plugins/metadata.ts';

/** A verbatim document and where in its bundle it stands: an RFC 6901 pointer. */
export interface PlacedDocument {
  readonly pointer: string;
  /** JSON */
  readonly contents: string;
}

/**
 * Puts a bundle together again from its verbatim documents, numbers as in the source text.
 *
 * @throws SyntaxError for contents that are no JSON
 */
export function reassemble(documents: readonly PlacedDocument[]): Json {
  const root: Record<string, Json> = Object.create(null) as Record<string, Json>;
  for (const { pointer, contents } of documents) {
    const value = parseVerbatim(contents);
    const [, ...keys] = pointer.split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = keys.pop();
    if (last === undefined) return value;
    let parent = root;
    for (const key of keys) {
      parent[key] ??= Object.create(null) as Record<string, Json>;
      parent = parent[key] as typeof parent;
    }
    parent[last] = value;
  }
  return root;
}
