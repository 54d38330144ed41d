import { resolve } from 'node:path';
import { Command } from 'commander';
import { nameByDefault } from '../../plugins/repository/canned/index-file.ts';
import { writeBundles } from '../generated-folder.ts';
import { type Output, printResult } from '../output.ts';
import { givenPlugins, wholeNumber } from '../settings.ts';

interface GenerateOptions {
  readonly metadata: string;
  readonly plugin?: string;
  readonly bundles: number;
  readonly seed: string;
  readonly size: string;
  readonly skew: number;
  readonly versions: number;
  readonly deletions: number;
  readonly sources: number;
  readonly json?: true;
}

/** `lazuli generate`: a folder of made-up bundles. */
export function generateCommand(output: Output): Command {
  return new Command('generate')
    .description('Write realistic made-up bundles, and the bundles.json that describes them, into a folder.')
    .argument('<folder>', 'a new or empty folder')
    .option('--metadata <plug-in>', 'the metadata plug-in that makes them up', nameByDefault)
    .option('--plugin <place>', 'the folder or npm package that has it, if the clone has not')
    .option('-n, --bundles <n>', 'number of bundles', wholeNumber(1, 10_000_000), 60)
    .option('--seed <seed>', 'the same seed gives the same bytes', '1')
    .option('--size <size>', 'small, medium, large, or KB a bundle', 'medium')
    .option('--skew <share>', 'share of the bundles that are of the biggest project', share, 0.2)
    .option('--versions <share>', 'share of the bundles that have a second version', share, 0.1)
    .option('--deletions <share>', 'share of the bundles that are deleted in the end', share, 0.05)
    .option('--sources <n>', 'number of sources', wholeNumber(1, 1000), 1)
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Examples:
  lazuli generate /tmp/bundles --bundles 1000 --seed 7
  lazuli up --bundles /tmp/bundles`,
    )
    .action(async (given: string, options: GenerateOptions) => {
      const folder = resolve(given);
      const { size, plugin } = options;
      await writeBundles(folder, {
        ...options,
        plugins: givenPlugins(plugin === undefined ? [] : [plugin]),
        size: size === 'small' || size === 'medium' || size === 'large' ? size : Number(size),
      });
      printResult(output, options.json, { folder, bundles: options.bundles, seed: options.seed }, `wrote ${folder}`);
    });
}

/** The generator checks the range. */
const share = (text: string): number => Number(text);
