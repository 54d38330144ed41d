/** An answer has more bytes than it may have. */
export class TooLong extends Error {
  constructor(maxBytes: number) {
    super(`more than ${maxBytes} bytes`);
  }
}

/** The body of an answer, whole. @throws TooLong, and what the connection throws */
export async function wholeBody({ body }: Pick<Response, 'body'>, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body ?? []) {
    bytes += part.length;
    // Leaving the loop ends the connection.
    if (bytes > maxBytes) throw new TooLong(maxBytes);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
