/** How far work may run ahead of what is taken. */
export interface Ahead {
  readonly items: number;
  /** summed over results that wait; work already begun may exceed it */
  readonly size: number;
}

/**
 * Does work on items side by side and gives results in the order of the items. What is abandoned goes
 * on unobserved, so `work` must not reject.
 */
export async function* inOrder<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  sizeOf: (result: R) => number,
  ahead: Ahead,
): AsyncGenerator<R> {
  const queue: Promise<R>[] = [];
  let waiting = 0;
  const begin = async (item: T): Promise<R> => {
    const result = await work(item);
    waiting += sizeOf(result);
    return result;
  };
  for (const item of items) {
    queue.push(begin(item));
    while (queue.length >= ahead.items || (queue.length > 0 && waiting > ahead.size)) yield await take();
  }
  while (queue.length > 0) yield await take();

  async function take(): Promise<R> {
    const result = await (queue.shift() as Promise<R>);
    waiting -= sizeOf(result);
    return result;
  }
}
