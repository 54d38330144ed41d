import { expect } from 'chai';
import { inTime } from '../../../core/runtime/deadline.ts';

const late = () => new Error('too late');
const instant = { sleep: async () => {} };
const never = { sleep: (_: number, signal?: AbortSignal) => aborted(signal) };

/** Rejects when the signal says so. */
function aborted(signal: AbortSignal | undefined): Promise<never> {
  const ended = Promise.withResolvers<never>();
  signal?.addEventListener('abort', () => ended.reject(signal.reason));
  return ended.promise;
}

describe('Work that has to end in time', () => {
  it('gives what it gives, and leaves no clock running', async () => {
    let running = true;
    const clock = {
      sleep: (_: number, signal?: AbortSignal) =>
        aborted(signal).finally(() => {
          running = false;
        }),
    };
    expect(await inTime({ clock, millis: 5, late }, async () => 'done')).to.equal('done');
    await Promise.resolve();
    expect(running).to.equal(false);
    const failure = new Error('broken');
    const failed = inTime({ clock: never, millis: 5, late }, () => Promise.reject(failure));
    expect(await failed.catch((error: unknown) => error)).to.equal(failure);
  });

  it('is told to end when it is late, or when nobody wants it any more', async () => {
    const stop = new AbortController();
    for (const [clock, reason] of [
      [instant, 'too late'],
      [never, 'stopped'],
    ] as const) {
      let told: unknown;
      const done = inTime({ clock, millis: 5, late, signal: stop.signal }, (signal) =>
        aborted(signal).catch((error: unknown) => {
          told = error;
          throw error;
        }),
      );
      if (clock === never) stop.abort(new Error('stopped'));
      expect(await done.catch((error: unknown) => error)).to.have.property('message', reason);
      expect(told).to.have.property('message', reason);
    }
  });
});
