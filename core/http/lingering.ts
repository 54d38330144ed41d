import type { Context } from './state.ts';

/** Bytes of a body that is refused. Callers that send more can't read why. */
const most = { bytes: 64 * 1024 * 1024, millis: 10_000 };

/**
 * Sends the last answer of a connection, and takes what is left of its request meanwhile, unread: were the connection
 * closed before, a caller who is still sending would see it cut and not read the answer (RFC 9112, 9.6).
 *
 * @param text the whole body of the answer, whose headers are set
 */
export function endLingering({ req, res }: Context, text: string): void {
  res.setHeader('Connection', 'close');
  if (req.complete || req.destroyed) {
    res.end(text);
    return;
  }
  let left = most.bytes;
  const end = () => {
    clearTimeout(timer);
    res.end();
  };
  const timer = setTimeout(end, most.millis);
  req.on('data', ({ length }: Buffer) => {
    left -= length;
    if (left < 0) end();
  });
  req.once('end', end).once('close', end);
  res.flushHeaders();
  if (text !== '') res.write(text);
  req.resume();
}
