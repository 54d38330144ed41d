/** A fault that is put into one file of the product, by tests alone. */
export interface Mutation {
  /** what is broken, as in the table of `docs/faults.md` */
  readonly name: string;
  /** from the root of the clone */
  readonly file: string;
  /** its only occurrence is replaced */
  readonly find: string;
  readonly replace: string;
}

/** One for each kind of fault that was mended, and for others that must not come back. */
export const mutations: readonly Mutation[] = [
  {
    name: 'a bulk answer with status 200 is believed, whatever it says',
    file: 'transform/sink/sink.ts',
    find: 'if (answer.status !== 200 || answers === undefined) return this.#refused(body, answer);',
    replace: 'if (answer.status !== 200) return this.#refused(body, answer); if (answers === undefined) return null;',
  },
  {
    name: 'a worker that takes over trusts what its store says that the index has',
    file: 'transform/owner/catalog.ts',
    find: 'generations.distrust(commits.current);\n    await documents.prepare();',
    replace: 'generations.distrust(0);\n    await documents.prepare();',
  },
  {
    name: 'a worker whose writing was interrupted trusts what it was about to write',
    file: 'transform/emitting/rounds.ts',
    find: 'this.#generations.distrust(this.#commits.current);',
    replace: '',
  },
  {
    name: 'a document that OpenSearch has refused is not written again, as it has not changed',
    file: 'transform/emitting/emitter.ts',
    find: 'this.#generations.distrust(commit);',
    replace: '',
  },
  {
    name: 'of equal versions the first one counts',
    file: 'transform/store/load.ts',
    find: "const decisive = ['normalizer_version', 'content_hash', 'source_spec', 'attributes'] as const;",
    replace: "const decisive = ['normalizer_version', 'content_hash'] as const;",
  },
  {
    name: 'ingest checkpoints before it stages',
    file: 'ingest/processor.ts',
    find: 'if (!this.#batches.isEmpty) this.#closed.push(...this.#batches.close());',
    replace:
      'if (!this.#batches.isEmpty) this.#closed.push(...this.#batches.close()); if (this.#taken !== null) await checkpointer.checkpoint(this.#taken);',
  },
  {
    name: 'no tombstones',
    file: 'transform/computing/documents.ts',
    find: 'computed WHERE body IS NULL OR bytes <=',
    replace: 'computed WHERE bytes <=',
  },
  {
    name: 'the outbox is emptied before OpenSearch has acknowledged',
    file: 'transform/emitting/rounds.ts',
    find: "    fault('transform.computed');\n",
    replace: "    await this.#acknowledge([]);\n    fault('transform.computed');\n",
  },
  {
    name: 'a damaged table is believed',
    file: 'transform/loading/staged-batches.ts',
    find: 'if ((await sha256Of(bytes)) !== sha256) throw',
    replace: 'if ((await sha256Of(bytes)) === "") throw',
  },
  {
    name: 'a torn manifest is one that is not there',
    file: 'transform/loading/staged-batches.ts',
    find: "throw damaged(batch, 'its manifest can not be read', cause);",
    replace: 'if (cause === undefined) throw damaged(batch, "", cause); return null;',
  },
  {
    name: 'a worker that takes over raises no epoch',
    file: 'transform/catalog/epochs.ts',
    find: 'return { epoch, before: epoch - 1 };',
    replace: 'return { epoch: 1, before: 1 };',
  },
  {
    name: 'an older copy of the store is taken for the one that wrote last',
    file: 'transform/owner/lineage.ts',
    find: "return 'another';\n  if (!isCopy)",
    replace: "return 'this';\n  if (!isCopy)",
  },
  {
    name: 'an answer to a swap is believed that acknowledges nothing',
    file: 'transform/sink/answers.ts',
    find: 'z.object({ acknowledged: z.literal(true) })',
    replace: 'z.unknown()',
  },
  {
    name: 'files of snapshots go, whoever reads them',
    file: 'transform/snapshots/retention.ts',
    find: 'const mayGo = purging || (isOld && !claimed.has(number));',
    replace: 'const mayGo = purging || isOld;',
  },
];

/** A source with its fault. @throws Error where what is to be replaced isn't there once */
export function mutated(source: string, { name, file, find, replace }: Mutation): string {
  const parts = source.split(find);
  if (parts.length !== 2) throw new Error(`${file} has what “${name}” replaces ${parts.length - 1} times, not once`);
  return parts.join(replace);
}
