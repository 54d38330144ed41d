/** An engine that runs on Java, whose jars Maven fetches. */
export interface JavaEngine {
  /** for people */
  readonly name: string;
  readonly version: string;
  /** of the download, in MB */
  readonly megabytes: number;
  /** of its folder here, with the POM that names it, and of the one with its jars */
  readonly folder: string;
  /** how to do without */
  readonly otherwise: string;
}

export const openSearchEngine: JavaEngine = {
  name: 'OpenSearch',
  version: '2.19.1.0',
  megabytes: 50,
  folder: 'opensearch',
  otherwise: 'name a running OpenSearch 2.x with OPENSEARCH_URL',
};

export const kinesisClientLibrary: JavaEngine = {
  name: 'the Kinesis Client Library',
  version: '3.1.3',
  megabytes: 74,
  folder: 'kinesis-client',
  otherwise: 'run one ingest worker without `--driver kcl`',
};
