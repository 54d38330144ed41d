/** How far work may run ahead of what is taken. */
export interface Ahead {
  readonly items: number;
  /** summed over results that wait; work already begun may exceed it */
  readonly size: number;
}

/**
 * Does work on items side by side and gives results in the order of the items. When nobody takes the results any
 * more, the signal aborts, and the work goes on unobserved. So it must not reject.
 */
export async function* inOrder<T, R>(
  items: readonly T[],
  work: (item: T, signal: AbortSignal) => Promise<R>,
  sizeOf: (result: R) => number,
  ahead: Ahead,
): AsyncGenerator<R> {
  const queue: Promise<R>[] = [];
  let waiting = 0;
  const abandoned = new AbortController();
  const begin = async (item: T): Promise<R> => {
    const result = await work(item, abandoned.signal);
    waiting += sizeOf(result);
    return result;
  };
  try {
    for (const item of items) {
      queue.push(begin(item));
      while (queue.length >= ahead.items || (queue.length > 0 && waiting > ahead.size)) yield await take();
    }
    while (queue.length > 0) yield await take();
  } finally {
    abandoned.abort(new Error('Nobody takes it any more.'));
  }

  async function take(): Promise<R> {
    const result = await (queue.shift() as Promise<R>);
    waiting -= sizeOf(result);
    return result;
  }
}
