import { expect } from 'chai';
import * as fc from 'fast-check';
import { LazuliError } from '../../../core/config/errors.ts';
import { type TurnLimits, type TurnOutcome, Turns } from '../../../core/runtime/turns.ts';
import { numRuns, seed } from '../../rigs/property.ts';

/** Everything that can happen; numbers choose among those to whom it can. */
type Step = ['ask'] | ['end', number] | ['leave', number] | ['pass', number];

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Step>(['ask']) },
  { weight: 2, arbitrary: fc.nat(99).map((which): Step => ['end', which]) },
  { weight: 1, arbitrary: fc.nat(99).map((which): Step => ['leave', which]) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 60 }).map((millis): Step => ['pass', millis]) },
);
const limits: fc.Arbitrary<TurnLimits> = fc.record({
  atOnce: fc.integer({ min: 1, max: 3 }),
  waiting: fc.nat(3),
  waitMillis: fc.integer({ min: 1, max: 100 }),
});

/** What has become of whom, and who has begun, in that order. */
interface Record {
  readonly begun: number[];
  readonly ended: Map<number, string>;
}

/** Turns as a list of who works and one of who waits. */
class Model {
  readonly record: Record = { begun: [], ended: new Map() };
  readonly outcomes: TurnOutcome[] = [];
  working: number[] = [];
  waiting: { readonly who: number; readonly since: number }[] = [];
  now = 0;
  readonly #limits: TurnLimits;

  constructor(given: TurnLimits) {
    this.#limits = given;
  }

  ask(who: number): void {
    const { atOnce, waiting } = this.#limits;
    if (this.working.length < atOnce) this.#begin(who);
    else if (this.waiting.length < waiting) this.waiting.push({ who, since: this.now });
    else this.#end(who, 'overloaded', 'refused');
  }

  end(who: number): void {
    this.#end(who, 'done', 'had');
    this.#next(who);
  }

  leave(who: number): void {
    this.#end(who, 'left', 'cancelled');
    this.waiting = this.waiting.filter((one) => one.who !== who);
    if (this.working.includes(who)) this.#next(who);
  }

  pass(millis: number): void {
    this.now += millis;
    const late = this.waiting.filter(({ since }) => since + this.#limits.waitMillis <= this.now);
    for (const { who } of late) this.#end(who, 'overloaded', 'expired');
    this.waiting = this.waiting.filter((one) => !late.includes(one));
  }

  #next(after: number): void {
    this.working = this.working.filter((one) => one !== after);
    const next = this.waiting.shift();
    if (next !== undefined) this.#begin(next.who);
  }

  #begin(who: number): void {
    this.working.push(who);
    this.record.begun.push(who);
  }

  #end(who: number, how: string, outcome: TurnOutcome): void {
    this.record.ended.set(who, how);
    this.outcomes.push(outcome);
  }
}

/** The turns themselves, at a time that is set by hand. */
class Real {
  readonly record: Record = { begun: [], ended: new Map() };
  readonly outcomes: TurnOutcome[] = [];
  readonly turns: Turns;
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  readonly #work = new Map<number, { readonly done: () => void; readonly left: AbortController }>();
  #now = 0;

  constructor(given: TurnLimits) {
    const sleep = (millis: number, signal?: AbortSignal): Promise<void> =>
      new Promise((wake, reject) => {
        this.#sleepers.add({ until: this.#now + millis, wake });
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    this.turns = new Turns(given, { clock: { sleep }, onOutcome: (outcome) => this.outcomes.push(outcome) });
  }

  ask(who: number): void {
    const left = new AbortController();
    const { promise, resolve: done } = Promise.withResolvers<void>();
    this.#work.set(who, { done, left });
    const begin = () => {
      this.record.begun.push(who);
      return promise;
    };
    this.turns.take(left.signal, begin).then(
      () => this.record.ended.set(who, 'done'),
      (error: unknown) => this.record.ended.set(who, error instanceof LazuliError ? error.code : String(error)),
    );
  }

  end(who: number): void {
    this.#work.get(who)?.done();
  }

  leave(who: number): void {
    this.#work.get(who)?.left.abort('left');
  }

  pass(millis: number): void {
    this.#now += millis;
    for (const sleeper of this.#sleepers) {
      if (sleeper.until > this.#now) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }
}

function take(sides: readonly (Model | Real)[], { working, waiting }: Model, who: number, [what, which]: Step): void {
  const among = what === 'end' ? working : [...working, ...waiting.map((one) => one.who)];
  const chosen = among[(which ?? 0) % Math.max(1, among.length)];
  for (const side of sides) {
    if (what === 'ask') side.ask(who);
    else if (what === 'pass') side.pass(which);
    else if (chosen !== undefined) side[what](chosen);
  }
}

describe('turns', () => {
  it('are had by so many at a time, first come, first served; who has left or waited too long makes room', async () => {
    const property = fc.asyncProperty(limits, fc.array(step, { maxLength: 30 }), async (given, steps) => {
      const [model, real] = [new Model(given), new Real(given)];
      for (const [who, next] of steps.entries()) {
        take([model, real], model, who, next);
        await new Promise(setImmediate);
        expect(real.record).to.deep.equal(model.record);
        const { working, waiting } = model;
        expect(real.turns.size).to.deep.equal({ atOnce: working.length, waiting: waiting.length });
      }
      expect(real.outcomes).to.deep.equal(model.outcomes);
    });
    await fc.assert(property, { numRuns: numRuns(4000), seed: seed() });
  });

  it('are passed on by who leaves in the very moment in which they get one', async () => {
    const given = { atOnce: 1, waiting: 2, waitMillis: 1000 };
    const real = new Real(given);
    for (const who of [0, 1, 2]) real.ask(who);
    real.end(0);
    real.leave(1);
    await new Promise(setImmediate);
    expect(real.record.begun.at(-1)).to.equal(2);
    expect(real.turns.size).to.deep.equal({ atOnce: 1, waiting: 0 });
  });
});
