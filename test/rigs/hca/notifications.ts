import type { BundleFqid } from '../../../core/model/bundle.ts';
import { type GeneratorOptions, settle } from '../../../core/model/generator.ts';
import { Random } from '../../../core/model/random.ts';
import { type BundlePlan, plansOf } from '../../../plugins/metadata/hca/generator/plan.ts';

/** A bundle version was added to, or deleted from, its source. */
export interface GeneratedNotification {
  readonly action: 'add' | 'delete';
  readonly fqid: BundleFqid;
}

/** How far a notification may fall behind: bounds memory, and lets second versions overtake first ones. */
const window = 64;
const repeatedShare = 0.1;

/**
 * The notifications of the world that the options describe, in a seeded disorder: versions overtake
 * each other, some notifications come twice, deletions come before or after what they delete.
 *
 * @throws LazuliError `usage` naming the option that is out of its range
 */
export function* notifications(options: GeneratorOptions): Generator<GeneratedNotification> {
  const settled = settle(options);
  const random = new Random(settled.seed, 'notifications');
  const waiting: GeneratedNotification[] = [];
  for (const plan of plansOf(settled)) {
    for (const notification of notificationsOf(plan, random)) {
      waiting.push(notification);
      if (waiting.length > window) yield* taken(waiting, random);
    }
  }
  while (waiting.length > 0) yield* taken(waiting, random);
}

function* notificationsOf({ fqid, deleted }: BundlePlan, random: Random): Generator<GeneratedNotification> {
  const actions = deleted ? (['add', 'delete'] as const) : (['add'] as const);
  for (const action of actions) {
    const times = random.chance(repeatedShare) ? 2 : 1;
    for (let i = 0; i < times; i++) yield { action, fqid };
  }
}

function taken(waiting: GeneratedNotification[], random: Random): readonly GeneratedNotification[] {
  return waiting.splice(random.between(0, waiting.length - 1), 1);
}
