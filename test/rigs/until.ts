import { setTimeout } from 'node:timers/promises';

/** Milliseconds between two looks: whoever waits long looks less often, since looking takes time from what is waited for. */
const pauses = { first: 5, longest: 50, growth: 1.3 };

/** Waits until a condition holds. @throws Error when it doesn't within `millis` */
export async function until(condition: () => boolean | Promise<boolean>, millis = 20_000): Promise<void> {
  const deadline = Date.now() + millis;
  for (let pause = pauses.first; !(await condition()); pause = Math.min(pause * pauses.growth, pauses.longest)) {
    if (Date.now() > deadline) throw new Error(`Not within ${millis} ms: ${condition}`);
    await setTimeout(pause);
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
