import { Command, Option } from 'commander';
import { askedToEnd } from '../asked-to-end.ts';
import { defaultDataFolder } from '../clone.ts';
import { ExitCode, type Output } from '../output.ts';
import { givenPlugins, wholeNumber } from '../settings.ts';
import { defaultSeed, generatedModels } from '../up/bundles.ts';
import { up } from '../up/up.ts';

interface UpCommandOptions {
  readonly data: string;
  readonly bundles?: readonly string[];
  readonly plugin?: readonly string[];
  readonly generate?: number;
  readonly model?: readonly string[];
  readonly seed?: string;
  readonly port: number;
  readonly heap: number;
  readonly once?: true;
}

/** `lazuli up`: a whole local stack. */
export function upCommand(output: Output): Command {
  return new Command('up')
    .description('Start OpenSearch, a Kinesis emulator and all workers on this machine, feed bundles, and serve.')
    .option('--data <dir>', 'where everything is kept', defaultDataFolder)
    .option('--bundles <dirs...>', 'index these folders of bundles, each a catalog, described by its bundles.json')
    .option('--plugin <places...>', 'take plug-ins from these folders or npm packages, too')
    .addOption(
      new Option(
        '--generate <n>',
        'index so many generated bundles of each data model (default: 60 at the first start)',
      )
        .argParser(wholeNumber(1, 10_000_000))
        .conflicts('bundles'),
    )
    .addOption(
      new Option('--model <names...>', 'generate bundles of these data models only (default: all)')
        .choices(generatedModels)
        .conflicts('bundles'),
    )
    .option('--seed <seed>', `of generated bundles (default: ${defaultSeed})`)
    .option('--port <port>', 'of the service; the indexer’s endpoint takes the next one', wholeNumber(1, 65535), 8000)
    .option('--heap <mib>', 'of OpenSearch, in MiB', wholeNumber(256, 32768), 512)
    .option('--once', 'end when everything can be found')
    .addHelpText(
      'after',
      `
Prints the line "ready: http://127.0.0.1:PORT" when everything fed can be found. Ctrl-C ends it all; the
next start continues where this one was. Refusals, and what can't be counted or shown, are reported and end nothing. With
--once the exit code is 1 unless everything that was fed can be found.

Environment:
  OPENSEARCH_URL            a running OpenSearch 2.x, instead of one started here (no Java, no Maven)
  AWS_ENDPOINT_URL_KINESIS  a running Kinesis or emulator, instead of one started here

Examples:
  lazuli up
  lazuli up --generate 1000 --seed 7 --port 9000
  lazuli up --model anvil
  lazuli up --bundles ../shared/samples/hca --data /tmp/lazuli
  lazuli up --bundles recordings herbarium
  lazuli up --plugin /tmp/recordings --bundles /tmp/recordings/bundles`,
    )
    .action(async (options: UpCommandOptions) => {
      const asked = askedToEnd();
      const { OPENSEARCH_URL: opensearchUrl, AWS_ENDPOINT_URL_KINESIS: kinesisUrl } = process.env;
      await up(
        {
          ...options,
          plugins: givenPlugins(options.plugin),
          once: options.once === true,
          opensearchUrl: opensearchUrl === '' ? undefined : opensearchUrl,
          kinesisUrl: kinesisUrl === '' ? undefined : kinesisUrl,
        },
        output,
        asked.byAnyone,
      );
      if (asked.code !== undefined) throw new ExitCode(asked.code);
    });
}
