import { setTimeout } from 'node:timers/promises';

/** Waits until a condition holds. @throws Error when it doesn't within `millis` */
export async function until(condition: () => boolean | Promise<boolean>, millis = 20_000): Promise<void> {
  const deadline = Date.now() + millis;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Not within ${millis} ms: ${condition}`);
    await setTimeout(10);
  }
}
