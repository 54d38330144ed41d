import type { FormatName } from '../model/manifests.ts';

/** A finished export, as somebody downloads it. */
export interface Download {
  readonly url: string;
  /** to save it under; safe */
  readonly name: string;
  readonly format: FormatName;
  /** the header of the request that asked for it; files are asked for with the same */
  readonly authorization: string | undefined;
}

/** By shell, in the order in which they are shown. */
export type CommandLines = Readonly<Record<'cmd.exe' | 'bash', string>>;

/** Attempts and pauses that outlast a limit on requests (specification, service-api 10.4). */
const persistently = (list: string): readonly string[] => [
  ...['--fail-early', '--continue-at', '-', '--retry', '15', '--retry-delay', '10', '--config', list],
];

/**
 * Commands that download an export; where it is itself a list of files for curl, these (specification, service-api 10.4).
 */
export function commandLines(download: Download): CommandLines {
  const line = (curl: string, quoted: (text: string) => string): string => {
    const { url, name, format, authorization } = download;
    if (format !== 'curl') return `${curl} --location --fail --output ${quoted(name)} ${quoted(url)}`;
    const header = authorization === undefined ? [] : ['--header', quoted(`Authorization: ${authorization}`)];
    return `${curl} --location --fail ${quoted(url)} | ${[curl, ...header, ...persistently('-')].join(' ')}`;
  };
  return { 'cmd.exe': line('curl.exe', forCmd), bash: line('curl', forBash) };
}

/**
 * The command for bash that downloads the files of a list, which is a file for curl.
 *
 * @param token a command that prints the caller's token, which then is in no list of processes
 */
export function listCommand(list: string, token?: string): string {
  // A name that begins with a dash would be taken for an option, one that is a dash for standard input.
  const config = forBash(list.startsWith('-') ? `./${list}` : list);
  if (token === undefined) return ['curl', ...persistently(config)].join(' ');
  return `printf 'Authorization: Bearer %s' "${token}" | ${['curl', '--header', '@-', ...persistently(config)].join(' ')}`;
}

/** As bash takes a text as it is. */
export const forBash = (text: string): string => (plain.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`);

/** The same as a text for people. */
export function shownCommands(lines: CommandLines): string {
  return Object.entries(lines)
    .map(([shell, line]) => `\nDownload the manifest in ${shell} with \`curl\` using:\n\n${line}\n`)
    .join('');
}

/** What needs no quotes in a shell of POSIX. */
const plain = /^[\w@%+=:,./-]+$/;

/** Names are safe and URLs percent-encoded; a header may have anything but line ends. */
const forCmd = (text: string): string => `"${text.replaceAll('"', '\\"')}"`;
