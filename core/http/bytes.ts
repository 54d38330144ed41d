/** Puts bytes and texts together, in memory of its own: that of small buffers is shared, and kept for as long as any of them. */
export function joined(parts: readonly (string | Buffer)[]): Buffer<ArrayBuffer> {
  const bytes = Buffer.allocUnsafeSlow(parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0));
  let at = 0;
  for (const part of parts) {
    if (typeof part === 'string') at += bytes.write(part, at);
    else {
      bytes.set(part, at);
      at += part.length;
    }
  }
  return bytes;
}

/**
 * Gives memory back at once that nobody else uses. V8 counts what is outside of its heap, too, and looks through
 * everything once again for each few megabytes of it.
 */
export function release({ buffer, byteLength }: Buffer<ArrayBuffer>): void {
  // Small ones share their memory with others, of which they have less than half.
  if (byteLength > buffer.byteLength / 2) buffer.transfer(0);
}
