import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { clone } from '../../../cli/clone.ts';
import { engines } from '../../rigs/engines.ts';
import { isLong } from '../../rigs/property.ts';
import type { Played } from '../play.ts';
import { mutated, mutations } from './mutations.ts';

/** Of the table in `docs/faults.md`: it is repeated, not drawn. */
const seed = 11;
/** By when each fault is found. */
const most = 120;
const millis = 1_200_000;

/** Plays schedules in a process whose product has the fault. */
async function hunted(name: string): Promise<Played | null> {
  const here = import.meta.dirname;
  const args = [await engines.opensearch(), String(seed), String(most)];
  const child = fork(join(here, 'hunt.ts'), args, {
    execArgv: ['--import', join(here, 'mutate.ts')],
    env: { ...process.env, LAZULI_TEST_MUTATION: name },
  });
  const ended = once(child, 'exit', { signal: AbortSignal.timeout(millis) }).then(() => [null]);
  const told = once(child, 'message') as Promise<[Played]>;
  const [played] = await Promise.race([told, ended]).finally(() => child.kill('SIGKILL'));
  return played as Played | null;
}

describe('A fault that is put into the product', () => {
  for (const mutation of mutations) {
    it(`can still be put there: ${mutation.name}`, () => {
      const source = readFileSync(join(clone, mutation.file), 'utf8');
      expect(mutated(source, mutation)).to.not.equal(source);
    });

    if (!isLong()) continue;
    it(`is found by the simulation: ${mutation.name}`, async function () {
      this.timeout(millis + 60_000);
      const played = await hunted(mutation.name);
      const [how] = played?.failure?.split('\n') ?? ['the process died'];
      console.log(`      found after ${played?.schedules} schedules: ${how?.slice(0, 200)}`);
      expect(played?.failure, `of ${played?.schedules} schedules none has failed`).to.be.a('string');
    });
  }
});
