import { fstatSync, writeSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { createInterface as createAsker } from 'node:readline/promises';
import { LazuliError } from '../core/config/errors.ts';
import { printable, printableLines } from '../core/config/printable.ts';
import { failure, type Output } from './output.ts';

/**
 * Standard input, output and error of this process. No other place of the command line touches them, or ends the
 * process: what a person sees is printable, and nothing that was said is lost (`test/house/printing.test.ts`).
 */

/** The reader of our output has gone (`lazuli sql … | head`). */
const unread = Promise.withResolvers<void>();
let goesOn = false;
/** why not everything could be written */
let unwritten: Error | undefined;
/** nobody gets what is written to standard output from now on */
let isStdoutBroken = false;

for (const stream of [process.stdout, process.stderr]) stream.on('error', (error) => notice(stream, error));

export const processOutput: Output = {
  out: (line) => write(process.stdout, `${printable(line)}\n`),
  err: (line) => write(process.stderr, `${printable(line)}\n`),
  // On a terminal data is looked at: only its lines stay as they are.
  data: (text) => write(process.stdout, `${process.stdout.isTTY ? printableLines(text) : text}\n`),
  parts: async (texts) => {
    for await (const text of texts) {
      const shown = process.stdout.isTTY ? printableLines(text) : text;
      await new Promise<void>((resolve) => write(process.stdout, shown, resolve));
      if (isStdoutBroken) return;
    }
  },
  bytes: async (content) => {
    if (process.stdout.isTTY) throw forPrograms();
    for await (const chunk of content) {
      await new Promise<void>((resolve) => write(process.stdout, chunk, resolve));
      if (isStdoutBroken) return;
    }
  },
  goOn: () => {
    goesOn = true;
  },
  terminal: process.stdout.isTTY === true && process.env.CI === undefined,
};

/**
 * Ends this process with the exit code of its work, when everything has been written: idle connections and timers of
 * what was interrupted must not keep it. Ends quietly when nobody reads what it says.
 */
export async function endWith(work: Promise<number>): Promise<never> {
  const code = await Promise.race([work, unread.promise.then(() => 0)]);
  await Promise.all([process.stdout, process.stderr].map(drained));
  if (unwritten !== undefined) {
    processOutput.err(`error: Not everything could be printed: ${unwritten.message}`);
    processOutput.err('remedy: Make room, or print elsewhere, and run the command again.');
    await drained(process.stderr);
  }
  process.exit(unwritten === undefined ? code : code || failure);
}

/** Lines that are typed, with what was typed in earlier sessions at hand, newest first; or lines of a file. */
export function inputLines(history: () => string[], historySize: number): Interface {
  const input = process.stdin;
  if (input.isTTY !== true) return createInterface({ input, terminal: false });
  return createInterface({ input, terminal: true, output: process.stdout, history: history(), historySize });
}

/** Asks who sits at the terminal. @returns the answer; null where nobody can be asked */
export async function ask(question: string): Promise<string | null> {
  if (!process.stdin.isTTY) return null;
  const terminal = createAsker({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(printable(question));
  } finally {
    terminal.close();
  }
}

/** In Node's types, but only terminals have it. */
type Stream = NodeJS.WriteStream & { readonly fd: 1 | 2 };

/** @param done called when more may be written, or nothing any more */
function write(stream: Stream, content: string | Uint8Array, done = (): void => {}): void {
  if (!isFile(stream.fd)) {
    stream.write(content, () => done());
    return;
  }
  try {
    // Node's own stream takes what a full disk had room for as the whole.
    for (let rest: Uint8Array = Buffer.from(content); rest.length > 0; )
      rest = rest.subarray(writeSync(stream.fd, rest));
  } catch (error) {
    notice(stream, error as NodeJS.ErrnoException);
  }
  done();
}

const forPrograms = (): LazuliError =>
  new LazuliError('usage', 'A terminal can not show the file as it is.', {
    remedy: 'Name a file with -o, or give the output to a program.',
  });

const isFile = (fd: number): boolean => fstatSync(fd).isFile();

/** Messages about the work may go unheard: the result is what counts. */
function notice(stream: object, error: NodeJS.ErrnoException): void {
  if (stream === process.stderr) return;
  isStdoutBroken = true;
  if (error.code !== 'EPIPE') unwritten ??= error;
  else if (!goesOn) unread.resolve();
}

const drained = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    stream.write('', () => resolve());
  });
