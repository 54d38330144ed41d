import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterAnswer, SearchCluster } from '../../../transform/sink/search-cluster.ts';

/** A search cluster whose bulk requests are counted, and can be kept as files, byte for byte, on their way. */
export class Capture implements SearchCluster {
  readonly #cluster: SearchCluster;
  #folder: string | null = null;
  #count = 0;
  /** of all bulk bodies that were sent */
  bytes = 0;

  constructor(cluster: SearchCluster) {
    this.#cluster = cluster;
  }

  /** @param folder null: nothing is kept */
  begin(folder: string | null): void {
    if (folder !== null) mkdirSync(folder, { recursive: true });
    this.#folder = folder;
  }

  end(): void {
    this.#folder = null;
  }

  request(
    method: string,
    path: string,
    body?: object | Buffer,
    query?: Readonly<Record<string, string>>,
  ): Promise<ClusterAnswer> {
    if (path === '/_bulk' && Buffer.isBuffer(body)) this.#keep(body);
    return this.#cluster.request(method, path, body, query);
  }

  #keep(body: Buffer): void {
    this.bytes += body.length;
    if (this.#folder === null) return;
    writeFileSync(join(this.#folder, `${String(this.#count++).padStart(6, '0')}.ndjson`), body);
  }

  close(): Promise<void> {
    return this.#cluster.close();
  }
}
