import Table from 'cli-table3';
import { LazuliError } from '../core/config/errors.ts';
import { printable, printableJson } from '../core/config/printable.ts';

/** Exit codes of the command line: 0 is success. */
export const failure = 1;
export const wrongUsage = 2;

/** Ends a command with a code of its own, when everything has been said. */
export class ExitCode extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exit code ${code}`);
    this.code = code;
  }
}

/** Where commands print. */
export interface Output {
  /** A line of the result for a person, without its end. What would act on a terminal is escaped. */
  readonly out: (line: string) => void;
  /** A line about the work, such as an error; the same goes for it. */
  readonly err: (line: string) => void;
  /** A result for programs: a pipe or a file gets it as it is, a terminal escaped. */
  readonly data: (text: string) => void;
  /** The same, a part at a time: no more is taken than somebody reads. Line ends are among the parts. */
  readonly parts: (texts: AsyncIterable<string>) => Promise<void>;
  /** A file for programs, as it is. @throws LazuliError `usage` where a terminal would get it */
  readonly bytes: (content: AsyncIterable<Uint8Array>) => Promise<void>;
  /** From now on the command goes on when nobody reads what it prints: it has more to do than print. */
  readonly goOn: () => void;
  /** whether somebody looks on */
  readonly terminal: boolean;
}

/** Prints several lines. */
export function printLines(print: (line: string) => void, lines: readonly string[]): void {
  for (const line of lines) print(line);
}

/** Prints the result of a command: a JSON value for programs, else lines for a person. */
export function printResult(
  output: Output,
  asJson: boolean | undefined,
  value: unknown,
  lines: string | readonly string[],
): void {
  if (asJson) output.data(json(value));
  else printLines(output.out, typeof lines === 'string' ? [lines] : lines);
}

/** A message of several lines: none but the first can pass for another message. */
export function linesOf(message: string): readonly string[] {
  const [first = '', ...rest] = message.split('\n');
  return [first, ...rest.map((line) => `  ${line}`)];
}

/** Prints such a message. */
export const printMessage = (print: (line: string) => void, message: string): void =>
  printLines(print, linesOf(message));

/**
 * Prints an error with its place, its causes and what to do about it.
 *
 * @returns the exit code to end with
 */
export function showError(error: unknown, { err }: Pick<Output, 'err'>): number {
  const say = (message: string): void => printMessage(err, message);
  if (isOfSystem(error)) {
    say(`error: ${error.message}`);
    err('remedy: Make room, or correct the permissions of that path, or name another one; then run the command again.');
    return failure;
  }
  if (!(error instanceof LazuliError)) {
    say(`error: ${(error instanceof Error && error.stack) || String(error)}`);
    return failure;
  }
  say(`error: ${error.message}`);
  const place = Object.entries(error.place);
  if (place.length > 0) say(`where: ${place.map(([name, value]) => `${name} ${value}`).join(', ')}`);
  for (const cause of causes(error)) say(`cause: ${cause}`);
  if (error.remedy !== undefined) say(`remedy: ${error.remedy}`);
  return error.code === 'usage' || error.code === 'configuration_invalid' ? wrongUsage : failure;
}

/** Errors of a disk or the network say themselves what and where: a stack would hide that. */
function isOfSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'path' in error;
}

const maxCauses = 5;

function causes(error: Error): string[] {
  const found: string[] = [];
  let cause = error.cause;
  while (cause instanceof Error && found.length < maxCauses) {
    if (!error.message.includes(cause.message)) found.push(cause.message);
    cause = cause.cause;
  }
  return found;
}

/** One JSON value, for programs. Integers beyond 2^53 become strings; what a terminal would obey is escaped. */
export function json(value: unknown): string {
  const text = JSON.stringify(value, (_key, member) => (typeof member === 'bigint' ? jsonInteger(member) : member), 2);
  return printableJson(text);
}

/** A number where every reader of JSON holds it exactly, else text. */
export const jsonInteger = (value: bigint): number | string =>
  Number.isSafeInteger(Number(value)) ? Number(value) : String(value);

/**
 * Rows under headings, without lines between them.
 *
 * @param widths of columns, in characters, where long texts are to be wrapped; else each row is a line
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly unknown[])[],
  widths?: readonly number[],
): readonly string[] {
  const plain = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', mid: '', 'left-mid': '', 'mid-mid': '' };
  const rest = { bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '', left: '', right: '' };
  const drawn = new Table({
    head: head.map(printable),
    chars: { ...plain, ...rest, 'right-mid': '', middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    ...(widths === undefined ? {} : { colWidths: [...widths], wordWrap: true, wrapOnWordBoundary: false }),
  });
  for (const row of rows) drawn.push(row.map((cell) => printable(String(cell ?? ''))));
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}
