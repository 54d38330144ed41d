import { LazuliError } from '../core/config/errors.ts';
import { ask } from './process-output.ts';

/**
 * Has a person confirm what can't be undone easily, by typing a name.
 *
 * @param question without its question mark
 * @throws LazuliError `usage` where nobody can be asked, or the answer is another one
 */
export async function confirmed(question: string, name: string, nothing: string): Promise<void> {
  const answer = await ask(`${question}? Type its name: `);
  if (answer === null) throw unconfirmed(`${nothing} Nobody can be asked.`);
  if (answer.trim() !== name) throw unconfirmed(`${nothing} That is another name.`);
}

const unconfirmed = (message: string): LazuliError =>
  new LazuliError('usage', message, { remedy: 'Confirm with --yes.' });
