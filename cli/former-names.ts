import type { Output } from './output.ts';

/** A command or subcommand, with its options, under the name that it had in the last version and the one that it has. */
interface Former {
  readonly was: string;
  readonly is: string;
  readonly options?: Readonly<Record<string, string>>;
}

/** They work for one version after the renaming (docs/vocabulary.md); then delete them here. */
const formerNames: readonly Former[] = [
  { was: 'replay', is: 'recompute', options: { '--from': '--since' } },
  { was: 'bundle restore', is: 'bundle undelete' },
];

/**
 * Arguments of the command line by the present names. A notice on standard error says which one to use.
 *
 * @param args without the program's name
 */
export function presentNames(args: readonly string[], output: Pick<Output, 'err'>): readonly string[] {
  for (const { was, is, options = {} } of formerNames) {
    const words = was.split(' ');
    if (!words.every((word, i) => args[i] === word)) continue;
    const rest = args.slice(words.length).map((arg) => presentOption(arg, options));
    noticeOf(`lazuli ${was}`, `lazuli ${is}`, output);
    return [...is.split(' '), ...rest];
  }
  return args;
}

/** Says that a command has another name now. */
export function noticeOf(was: string, is: string, { err }: Pick<Output, 'err'>): void {
  err(`notice: \`${was}\` is called \`${is}\` now. The former name will be gone in the next version.`);
}

function presentOption(arg: string, options: Readonly<Record<string, string>>): string {
  const [name = '', ...value] = arg.split('=');
  const present = Object.hasOwn(options, name) ? options[name] : name;
  return [present, ...value].join('=');
}
