import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { LazuliError } from '../../core/config/errors.ts';

/**
 * Reads a file by another process, `cat`, a part at a time.
 *
 * @throws LazuliError `store_exhausted` where it can't be read to its end
 */
export async function* filePartsOf(file: string, partBytes: number): AsyncGenerator<Uint8Array> {
  const reader = spawn('cat', ['--', file], { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(reader, 'close') as Promise<[code: number | null]>;
  ended.catch(() => undefined); // seen where it is awaited
  try {
    let [chunks, bytes]: [Buffer[], number] = [[], 0];
    for await (const chunk of reader.stdout as AsyncIterable<Buffer>) {
      let rest = chunk;
      while (bytes + rest.length >= partBytes) {
        const missing = partBytes - bytes;
        yield Buffer.concat([...chunks, rest.subarray(0, missing)]);
        rest = rest.subarray(missing);
        [chunks, bytes] = [[], 0];
      }
      if (rest.length > 0) chunks.push(rest);
      bytes += rest.length;
    }
    const [code] = await ended;
    if (code !== 0) throw new Error(`cat ended with ${code}`);
    if (bytes > 0) yield Buffer.concat(chunks);
  } catch (cause) {
    const { message } = cause as Error;
    const remedy = 'Check the disk that holds it; work goes on meanwhile.';
    throw new LazuliError('store_exhausted', `${file} can't be read for a copy: ${message}`, { remedy, cause });
  } finally {
    reader.kill();
  }
}
