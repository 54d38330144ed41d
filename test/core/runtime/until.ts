import { setTimeout } from 'node:timers/promises';

/** Waits until a condition holds. @throws Error when it doesn't within `millis` */
export async function until(condition: () => boolean | Promise<boolean>, millis = 20_000): Promise<void> {
  const deadline = Date.now() + millis;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Not within ${millis} ms: ${condition}`);
    await setTimeout(10);
  }
}

/** Waits until there is something to say. */
export async function said(say: () => Promise<string | null>, millis?: number): Promise<string> {
  let told: string | null = null;
  await until(async () => {
    told = await say();
    return told !== null;
  }, millis);
  return told ?? '';
}
