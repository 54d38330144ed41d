import { ExitCode } from './output.ts';

/** Customary: 128 and the number of the signal. */
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Whether this process is asked to end, by a signal or because the one that started it is gone. */
export interface AskedToEnd extends Disposable {
  readonly signal: AbortSignal;
  /** resolves when it is */
  readonly byAnyone: Promise<void>;
  /** to end with; undefined as long as nobody has asked */
  readonly code: number | undefined;
}

/** Listens until it is disposed of. Further signals change nothing: ending is quick, or has a time limit of its own. */
export function askedToEnd(): AskedToEnd {
  const asked = new AbortController();
  const { promise: byAnyone, resolve } = Promise.withResolvers<void>();
  let code: number | undefined;
  const ask = (by: number): void => {
    code ??= by;
    asked.abort();
    resolve();
  };
  const listeners = Object.entries(exitCodes).map(([signal, by]) => [signal, () => ask(by)] as const);
  for (const [signal, listener] of listeners) process.on(signal, listener);
  const hangUp = (): void => ask(exitCodes.SIGHUP);
  // The process that started this one is gone without a word, perhaps before anyone could listen.
  if (process.connected === false) hangUp();
  process.once('disconnect', hangUp);
  return {
    signal: asked.signal,
    byAnyone,
    get code() {
      return code;
    },
    [Symbol.dispose]() {
      for (const [signal, listener] of listeners) process.off(signal, listener);
      process.off('disconnect', hangUp);
    },
  };
}

/** Does something that ends early when this process is asked to. @throws ExitCode when it was, whatever the work threw */
export async function untilAskedToEnd(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  using asked = askedToEnd();
  try {
    await work(asked.signal);
  } catch (error) {
    throw asked.code === undefined ? error : new ExitCode(asked.code);
  }
}
