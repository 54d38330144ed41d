import Table from 'cli-table3';
import { LazuliError } from '../config/errors.ts';

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

/** Where commands print: results to `out`, everything else to `err`. Lines, without their ends. */
export interface Output {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  readonly terminal: boolean;
}

export const processOutput: Output = {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  terminal: process.stdout.isTTY === true && process.env.CI === undefined,
};

/**
 * Prints an error with its place, its causes and what to do about it.
 *
 * @returns the exit code to end with
 */
export function showError(error: unknown, { err }: Pick<Output, 'err'> = processOutput): number {
  if (!(error instanceof LazuliError)) {
    err(`error: ${(error instanceof Error && error.stack) || String(error)}`);
    return failure;
  }
  err(`error: ${error.message}`);
  const place = Object.entries(error.place);
  if (place.length > 0) err(`where: ${place.map(([name, value]) => `${name} ${value}`).join(', ')}`);
  for (const cause of causes(error)) err(`cause: ${cause}`);
  if (error.remedy !== undefined) err(`remedy: ${error.remedy}`);
  return error.code === 'usage' || error.code === 'configuration_invalid' ? wrongUsage : failure;
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

/** One JSON value, for programs. Integers beyond 2^53 become strings. */
export function json(value: unknown): string {
  return JSON.stringify(value, (_key, member) => (typeof member === 'bigint' ? bigintJson(member) : member), 2);
}

const bigintJson = (value: bigint): number | string =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();

/** Rows under headings, without lines between them. */
export function table(head: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const plain = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', mid: '', 'left-mid': '', 'mid-mid': '' };
  const rest = { bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '', left: '', right: '' };
  const drawn = new Table({
    head: [...head],
    chars: { ...plain, ...rest, 'right-mid': '', middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  drawn.push(...rows.map((row) => row.map((cell) => (cell === null || cell === undefined ? '' : String(cell)))));
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
