import { LazuliError } from '../../core/config/errors.ts';

const pollMillis = 100;
const requestMillis = 5000;
const maxMillis = 120_000;

/**
 * Asks a URL until its answer is accepted, by default one with a 2xx status.
 *
 * @param failed rejects when waiting is useless
 * @throws LazuliError `unavailable` after two minutes
 */
export async function untilAnswers(
  name: string,
  url: string,
  failed: Promise<never>,
  accepted: (response: Response) => boolean = ({ ok }) => ok,
): Promise<void> {
  const deadline = Date.now() + maxMillis;
  while (Date.now() < deadline) {
    const response = await Promise.race([ask(url), failed]);
    if (response !== null && accepted(response)) return;
    await Promise.race([new Promise((resolve) => setTimeout(resolve, pollMillis)), failed]);
  }
  throw new LazuliError('unavailable', `${name} does not answer at ${url}.`, {
    remedy: 'Its log, in the folder `logs` of the data folder, says why.',
  });
}

/** @returns null where nobody answers */
async function ask(url: string): Promise<Response | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(requestMillis) });
    await response.arrayBuffer();
    return response;
  } catch {
    // not listening yet
    return null;
  }
}
