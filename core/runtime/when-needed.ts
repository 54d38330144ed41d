/** Opens something when it is first needed, and again where that failed: whoever needs it starts without. */
export function whenNeeded<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => {
    opened ??= open();
    opened.catch(() => {
      opened = undefined;
    });
    return opened;
  };
}
