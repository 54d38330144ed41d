import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { shownText } from '../../core/config/text.ts';
import { type Output, showError } from '../output.ts';
import { inputLines } from '../process-output.ts';

const maxHistory = 1000;

/**
 * Reads statements, each up to a semicolon at the end of a line, until the input ends or `.exit`.
 *
 * @param history a file that remembers lines of earlier sessions
 */
export async function shell(run: (sql: string) => Promise<void>, output: Output, history: string): Promise<void> {
  const lines = inputLines(() => remembered(history), maxHistory);
  const { terminal } = lines;
  const prompt = (pending: string): void => {
    if (!terminal) return;
    lines.setPrompt(pending === '' ? 'lazuli> ' : '   ...> ');
    lines.prompt();
  };
  let statement = '';
  prompt(statement);
  for await (const line of lines) {
    if (statement === '' && ['.exit', '.quit', 'exit', 'quit'].includes(line.trim())) break;
    if (terminal && line.trim() !== '') appendFileSync(history, `${line}\n`);
    statement += `${line}\n`;
    if (line.trimEnd().endsWith(';')) {
      await attempt(run, statement, output);
      statement = '';
    } else if (statement.trim() === '') statement = '';
    prompt(statement);
  }
  lines.close();
  if (statement.trim() !== '') await attempt(run, statement, output);
}

/** A wrong statement doesn't end the session. */
async function attempt(run: (sql: string) => Promise<void>, statement: string, output: Output): Promise<void> {
  try {
    await run(statement);
  } catch (error) {
    showError(error, output);
  }
}

/** Newest first, as readline wants it. */
function remembered(file: string): string[] {
  if (!existsSync(file)) return [];
  return shownText(readFileSync(file)).split('\n').filter(Boolean).slice(-maxHistory).reverse();
}
