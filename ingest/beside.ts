/** Work that goes on beside the stream, until it is stopped. */
export interface Beside {
  /** Resolves when it is done, or stopped. */
  run(): Promise<void>;
  stop(): void;
}

/** Has all of them work until the signal is aborted, and they have stopped. */
export async function runAll(works: readonly Beside[], signal: AbortSignal): Promise<void> {
  const stop = () => {
    for (const work of works) work.stop();
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  await Promise.all(works.map((work) => work.run()));
}
