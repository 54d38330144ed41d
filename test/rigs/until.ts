import { setTimeout } from 'node:timers/promises';
import { systemClock } from '../../core/runtime/clock.ts';
import { inTime } from '../../core/runtime/deadline.ts';

/**
 * Milliseconds between two looks: whoever waits long looks less often, since looking takes time from what is waited for. A
 * worker that is asked for its status every 50 ms has half of a core to do with that.
 */
const pauses = { first: 5, longest: 250, growth: 1.3 };
/** For a look that began in time. */
const graceMillis = 30_000;

/** Waits until a condition holds. @throws Error when it doesn't within `millis`, or nobody says whether it does */
export async function until(condition: () => boolean | Promise<boolean>, millis = 20_000): Promise<void> {
  const deadline = Date.now() + millis;
  const late = () => new Error(`Not within ${millis} ms: ${condition}`);
  const look = () =>
    inTime({ clock: systemClock, millis: deadline - Date.now() + graceMillis, late }, async () => condition());
  for (let pause = pauses.first; !(await look()); pause = Math.min(pause * pauses.growth, pauses.longest)) {
    if (Date.now() > deadline) throw late();
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
