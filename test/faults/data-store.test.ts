import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { main } from '../../cli/program.ts';
import type { Settings } from '../../core/config/settings.ts';
import { settle } from '../../core/model/generator.ts';
import { noLogger } from '../../core/runtime/logger.ts';
import { ensureHmacKey } from '../../ingest/hmac-key.ts';
import { startIndexer } from '../../ingest/worker.ts';
import { generator } from '../../plugins/metadata/hca/generator/generate.ts';
import { printed } from '../rigs/cli/printed.ts';
import { type Account, newAccount, writeKeyFile } from '../rigs/dss/accounts.ts';
import { call, deposit } from '../rigs/dss/deposit.ts';
import { type Dss, startDss } from '../rigs/dss/dss.ts';
import { type BundleContents, filesOf } from '../rigs/dss/hca-files.ts';
import { useCloud } from '../rigs/storage/cloud.ts';
import { Pipeline } from './pipeline.ts';
import { catalog } from './pipeline-settings.ts';

const version = '2018-10-18T150431.370880Z';
/** Bundles by letter, which is also how their uuids begin. */
const uuidOf = (letter: string) => `${letter.repeat(8)}-0000-4000-8000-000000000000`;

/** The settings of a pipeline, but for the repository, which is a data store. */
function settingsWith({ settings }: Pipeline, { url }: Dss, credentials: string): Settings {
  const { [catalog]: own } = settings.catalogs;
  if (own === undefined) throw new Error('The pipeline has no catalog');
  const plugins = { ...own.plugins, repository: { name: 'dss', credentials } };
  return { ...settings, catalogs: { [catalog]: { ...own, plugins, sources: [`${url}:/0`] } } };
}

describe('A data store', function () {
  this.timeout(300_000);
  const cloud = useCloud();

  it('is followed: what it reports is searchable or gone, whatever happens to callbacks and keys', async () => {
    await using pipeline = await Pipeline.open();
    await using dss = await startDss(cloud(), { name: 'followed' });
    const ann = dss.accounts.add(newAccount('ann'), true);
    const settings = settingsWith(pipeline, dss, writeKeyFile(join(pipeline.folder, 'ann.json'), ann));
    ensureHmacKey(settings.hmacKeyFile);
    const indexer = await startIndexer(settings, { logger: noLogger });
    try {
      await pipeline.startIngest(settings);
      await pipeline.startTransform(settings);
      await new Story(pipeline, dss, ann, { ...settings, http: { ...settings.http, callbacks: indexer.url } }).tell();
    } finally {
      await indexer.stop();
    }
  });
});

/** What happens at a store, step by step. */
class Story {
  readonly #pipeline: Pipeline;
  readonly #dss: Dss;
  readonly #ann: Account;
  readonly #settings: Settings;

  constructor(pipeline: Pipeline, dss: Dss, ann: Account, settings: Settings) {
    this.#pipeline = pipeline;
    this.#dss = dss;
    this.#ann = ann;
    this.#settings = settings;
  }

  async tell(): Promise<void> {
    const { notifier } = this.#dss;
    const foreign = { callback_url: 'http://127.0.0.1:9/hca/add', es_query: { query: { term: { uuid: 'nobody' } } } };
    await call(this.#dss, this.#ann, 'PUT', '/subscriptions?replica=aws', foreign);

    expect(await this.#changes('subscribe', '--dry-run')).to.deep.equal(['created', 'created']);
    expect(await this.#changes('subscribe')).to.deep.equal(['created', 'created']);
    expect(await this.#changes('subscribe')).to.deep.equal(['kept', 'kept']);

    await this.#put('a');
    notifier.duplicates = 1;
    notifier.skew = 45_000;
    await this.#put('b');
    notifier.skew = -600_000;
    await this.#put('c');
    notifier.skew = 0;
    await this.#expect('abc');

    await this.#lazuli('hmac-key', 'add');
    await this.#lazuli('hmac-key', 'switch');
    await this.#put('d');
    expect(await this.#changes('subscribe')).to.deep.equal(['created', 'created', 'deleted', 'deleted']);
    await notifier.idle();
    await this.#lazuli('hmac-key', 'retire');
    await this.#delete('a');
    await this.#expect('bcd');

    notifier.hold();
    await this.#put('e');
    await this.#delete('e');
    await this.#delete('b');
    await notifier.release();
    await this.#expect('cd', ['bundle_missing']);

    notifier.skew = 3_600_000;
    await this.#put('f');
    await notifier.idle();
    expect(notifier.dead.map(({ status }) => status)).to.deep.equal([401]);
    notifier.skew = 0;
    notifier.lost = 2;
    await this.#put('0');
    await this.#delete('c');
    await this.#expect('cd', ['bundle_missing']);
    const missing = ['reindex', '--from', 'repository', '--missing'];
    const names = { add: [this.#name('0'), this.#name('f')], delete: [this.#name('c')] };
    expect(await this.#lazuli(...missing, '--dry-run')).to.deep.include({ add: 2, delete: 1, names });
    expect(await this.#lazuli(...missing)).to.deep.include({ add: 2, delete: 1, failed: [] });
    await this.#expect('0df', ['bundle_missing']);
    expect(await this.#lazuli(...missing)).to.deep.include({ add: 0, delete: 0 });

    expect(await this.#changes('unsubscribe')).to.deep.equal(['deleted', 'deleted']);
    expect(this.#dss.subscriptions.all.map(({ callback_url }) => callback_url)).to.deep.equal([foreign.callback_url]);
  }

  readonly #name = (letter: string) => `${uuidOf(letter)}.2018-10-18T15:04:31.370880Z`;

  async #put(letter: string): Promise<void> {
    const options = { seed: letter, bundles: 1, size: 'small', versions: 0, deletions: 0 } as const;
    const [made] = generator.bundles(settle(options));
    const contents: BundleContents = JSON.parse(made?.text ?? '');
    const files = filesOf(contents, uuidOf(letter).replace('4000', '4001'), version);
    await deposit(this.#dss, this.#ann, { uuid: uuidOf(letter), version }, files);
  }

  async #delete(letter: string): Promise<void> {
    const { status } = await call(this.#dss, this.#ann, 'DELETE', `/bundles/${uuidOf(letter)}?replica=aws`, {
      reason: 'x',
    });
    expect(status).to.equal(200);
  }

  /** These bundles, and no others, are found once everything has had its effect. */
  async #expect(letters: string, reasons: readonly string[] = []): Promise<void> {
    await this.#dss.notifier.idle();
    await this.#pipeline.settled();
    const found = [...(await this.#pipeline.documents()).keys()].filter((key) => key.startsWith('bundles/')).sort();
    expect(found).to.deep.equal([...letters].map((letter) => `bundles/${uuidOf(letter)}`));
    expect((await this.#pipeline.letters()).map(({ reason }) => reason)).to.deep.equal(reasons);
  }

  async #changes(...words: readonly string[]): Promise<readonly string[]> {
    const { subscriptions } = (await this.#lazuli(...words)) as { subscriptions: { change: string }[] };
    return subscriptions.map(({ change }) => change);
  }

  /** Runs a command. @returns the JSON that it prints */
  async #lazuli(...words: readonly string[]): Promise<object> {
    const config = join(this.#pipeline.folder, 'reachable.json');
    const { callbacks = '' } = this.#settings.http;
    const http = { ...this.#pipeline.reachable.http, callbacks, indexer: Number(new URL(callbacks).port) };
    await writeFile(config, JSON.stringify({ ...this.#settings, http }));
    const { lines, output } = printed();
    const code = await main([...words, '--json', '--config', config], output);
    expect([code, lines.err]).to.deep.equal([0, []]);
    return JSON.parse(lines.out.join('\n'));
  }
}
