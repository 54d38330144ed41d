import { Part } from '../machine/part.ts';
import type { SignInPart } from '../parts/sign-in.ts';
import { shown } from '../statistics.ts';
import type { Section } from './section.ts';

/** What it costs to know who calls, and how many callers a process can hold. */
export const signInSection: Section = {
  name: 'sign-in',
  question: 'What does it cost to find out who calls, and what they may see?',
  async run({ sizes, say }) {
    const { tokens, times, more } = sizes.signIn;
    const part = await Part.start<SignInPart>('sign-in');
    try {
      await part.ask('make', { tokens });
      const first = (await part.ask('ask', { times: 1 })).value * 1000;
      const known = (await part.ask('ask', { times })).value * 1000;
      say(`${tokens} tokens: ${shown(first)} ms of CPU for the first request of each, ${shown(known)} ms for others`);
      const held = (await part.ask('heap', null)).value;
      for (let i = 0; i < more; i++) {
        await part.ask('make', { tokens });
        await part.ask('ask', { times: 1 });
      }
      const later = (await part.ask('heap', null)).value;
      say(`${shown(held)} MB live after ${tokens} tokens, ${shown(later)} MB after ${more} times as many others`);
      const note = `${tokens} callers in 20 groups, who see 50 sources; JWTs by ES256`;
      return {
        measurements: [
          {
            ...{ name: 'CPU to know a caller, everything remembered', value: known, unit: 'ms' },
            ...{ target: { bound: 'most', value: 1 }, note },
          },
          { name: 'CPU to know a caller, nothing remembered', value: first, unit: 'ms', note },
          {
            ...{ name: 'memory after more tokens ÷ after the first', value: later / held, unit: 'ratio' },
            ...{ target: { bound: 'most', value: 1.1 }, note: `${more} times as many others` },
          },
          { name: 'memory with the first tokens', value: held, unit: 'MB' },
        ],
      };
    } finally {
      await part.stop();
    }
  },
};
