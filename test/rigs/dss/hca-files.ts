import type { DepositedFile } from './deposit.ts';

type Members = Readonly<Record<string, unknown>>;

/** A bundle as the indexer reads it. */
export interface BundleContents {
  readonly manifest: Readonly<Record<string, Members>>;
  readonly metadata: Readonly<Record<string, Members>>;
  readonly links: Members;
}

const text = new TextEncoder();

/**
 * A bundle as files of a data store: one for each document of its metadata, one for its links, and data files whose contents
 * are made up, so that their sums are others than in the bundle.
 *
 * @param version of all files
 */
export function filesOf(
  { manifest, metadata, links }: BundleContents,
  linksUuid: string,
  version: string,
): DepositedFile[] {
  const counts = new Map<string, number>();
  const documents = Object.entries(metadata).map(([key, document]): DepositedFile => {
    const [type = '', uuid = ''] = key.split('/');
    const number = counts.get(type) ?? 0;
    counts.set(type, number + 1);
    const media = `application/json; dcp-type="metadata/${type}"`;
    const content = text.encode(JSON.stringify(document));
    return { name: `${type}_${number}.json`, uuid, version, type: media, indexed: true, content };
  });
  const data = Object.values(manifest).map(
    ({ name, uuid, 'content-type': type }): DepositedFile => ({
      ...{ name: String(name), uuid: String(uuid), version, type: String(type), indexed: false },
      content: text.encode(`data of ${String(name)}`),
    }),
  );
  const content = text.encode(JSON.stringify(links));
  const media = 'application/json; dcp-type="metadata/links"';
  return [...documents, ...data, { name: 'links.json', uuid: linksUuid, version, type: media, indexed: true, content }];
}
