import { LazuliError } from '../../config/errors.ts';

/** A page of Kinesis has 10 MiB, a third more as base64; the rest is for what each record says of itself. */
const mostBytes = 64 * 2 ** 20;

/**
 * The lines of a stream, without their ends; what follows the last one is dropped.
 *
 * @throws LazuliError `stream_unavailable` for a line of more than 64 MiB
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  let begun: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      begun.push(chunk.subarray(start, end));
      yield Buffer.concat(begun);
      begun = [];
      bytes = 0;
      start = end + 1;
    }
    begun.push(chunk.subarray(start));
    bytes += chunk.length - start;
    if (bytes > mostBytes) throw tooLong();
  }
}

const tooLong = (): LazuliError =>
  new LazuliError('stream_unavailable', `The MultiLangDaemon sends a line of more than ${mostBytes} bytes.`, {
    remedy: 'Read fewer records at a time.',
  });
