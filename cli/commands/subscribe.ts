import { Command } from 'commander';
import { LazuliError } from '../../core/config/errors.ts';
import { peerUrl } from '../../core/config/peers.ts';
import type { Settings } from '../../core/config/settings.ts';
import type { SubscriptionChange } from '../../core/model/callbacks.ts';
import { type Output, printResult, table } from '../output.ts';
import { subscriptionsOf } from '../pipeline/subscriptions.ts';
import { type CatalogOptions, chooseCatalog, loadSettings, withCatalog } from '../settings.ts';

interface SubscribeOptions extends CatalogOptions {
  readonly indexer?: string;
  readonly dryRun?: true;
}

/** `lazuli subscribe`: has data stores post what changes to the indexer. */
export function subscribeCommand(output: Output): Command {
  const command = new Command('subscribe')
    .description('Have the data stores of catalogs post to the indexer what is added and deleted.')
    .addHelpText(
      'after',
      `
It makes two subscriptions for each source, one for additions and one for deletions, and leaves alone what is right. What
is outdated, such as one of another key, is deleted once the new one is there. Subscriptions of others aren't touched.

It acts as the service account whose key file \`credentials\` of the plug-in or GOOGLE_APPLICATION_CREDENTIALS names.

Examples:
  lazuli subscribe --dry-run
  lazuli subscribe --catalog hca --indexer https://indexer.data.example`,
    );
  return reconciling(command, output, true);
}

/** `lazuli unsubscribe`: no more of it. */
export function unsubscribeCommand(output: Output): Command {
  const command = new Command('unsubscribe')
    .description('Delete the subscriptions at data stores that post to the indexer.')
    .addHelpText(
      'after',
      `
Subscriptions of others aren't touched. What changes while there are none is found by
\`lazuli reindex --from repository --missing\`.

Examples:
  lazuli unsubscribe --dry-run
  lazuli unsubscribe --catalog hca`,
    );
  return reconciling(command, output, false);
}

function reconciling(command: Command, output: Output, wanted: boolean): Command {
  return withCatalog(command)
    .option('--indexer <url>', 'where data stores reach the indexer (default: http.callbacks of the settings)')
    .option('--dry-run', 'show what would be done; change nothing')
    .action(async (options: SubscribeOptions) => {
      const settings = await loadSettings(options);
      const base = baseOf(settings, options.indexer);
      const catalogs = options.catalog === undefined ? null : [chooseCatalog(settings, options.catalog)];
      const changes = await subscriptionsOf(settings, { catalogs, base, wanted });
      const rows: Row[] = [];
      try {
        for (const { catalog, change } of changes) rows.push(await settled(catalog, change, options.dryRun === true));
      } finally {
        show(output, options, rows);
      }
    });
}

interface Row extends Pick<SubscriptionChange, 'change' | 'store' | 'url' | 'keyId' | 'id'> {
  readonly catalog: string;
}

async function settled(catalog: string, change: SubscriptionChange, dry: boolean): Promise<Row> {
  const { change: what, store, url, keyId, id } = change;
  const now = dry ? id : await change.apply(new AbortController().signal);
  return { catalog, change: what, store, url, keyId, id: now };
}

function show(output: Output, { json, dryRun }: SubscribeOptions, rows: readonly Row[]): void {
  const would = dryRun === true ? { kept: 'stays', created: 'to be made', deleted: 'to be deleted' } : null;
  const cells = rows.map(({ catalog, change, store, url, id }) => [catalog, would?.[change] ?? change, store, url, id]);
  const lines =
    rows.length === 0 ? ['no subscriptions'] : table(['catalog', '', 'store', 'callback', 'subscription'], cells);
  printResult(output, json, { dryRun: dryRun === true, subscriptions: rows }, lines);
}

/** @throws LazuliError `usage` */
function baseOf(settings: Settings, given: string | undefined): string {
  const url = URL.parse(given ?? settings.http.callbacks ?? peerUrl(settings, 'indexer'));
  const isPlain = url?.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (url !== null && isPlain && /^https?:$/.test(url.protocol)) return url.href.replace(/\/+$/, '');
  throw new LazuliError('usage', 'That is no URL of an indexer.', {
    remedy: 'Write it as https://host, without credentials and parameters.',
  });
}
