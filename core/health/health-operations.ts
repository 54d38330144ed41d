import { z } from 'zod';
import { type Operation, operation } from '../http/operation.ts';
import type { Context } from '../http/state.ts';

/** Answers with the state of some things; all where no keys are given. */
export type HealthRoute = (ctx: Context, keys: string | undefined) => Promise<void>;

const health = z
  .looseObject({
    up: z.boolean().meta({ description: 'Whether all that was asked for is up.' }),
    error: z.string().optional().meta({ description: 'Why it is not up.' }),
  })
  .meta({ id: 'Health', description: 'Whether things are up, each under its key.' });

const tag = 'Auxiliary';
const answer = {
  description: 'Everything that was asked for is up.',
  schema: health,
  others: { 503: 'Something is down; the body says what and why.' },
};
const path = z.object({
  keys: z.string().meta({ description: 'Keys, with commas between them.', examples: ['elasticsearch,progress'] }),
});

/** The only refusal without a code. */
const noKeys = z.object({ Message: z.string() });

const named = [
  ['basic', 'HealthBasic', 'Whether this process answers'],
  ['fast', 'HealthFast', 'The keys that monitoring may ask for every minute'],
  ['cached', 'HealthCached', 'The last result of `fast`, made again once it is a minute old'],
] as const;

/** `GET /health` and what is below it (specification, service-api 4). */
export function healthOperations(route: HealthRoute): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/health', id: 'getHealth', tag, answer },
      summary: 'Everything that this server depends on',
      respond: (ctx) => route(ctx, undefined),
    }),
    ...named.map(([key, id, summary]) =>
      operation({
        ...{ method: 'get', path: `/health/${key}`, id: `get${id}`, tag, summary, answer },
        ...(key === 'cached' ? { refusals: ['not_found'] as const } : {}),
        respond: (ctx) => route(ctx, key),
      }),
    ),
    operation({
      ...{ method: 'get', path: '/health/{keys}', id: 'getHealthOf', tag, pathParameters: path },
      summary: 'Some of the things that this server depends on',
      answer: {
        ...answer,
        others: { ...answer.others, 400: { description: 'There is no such key.', schema: noKeys } },
      },
      respond: (ctx, given) => route(ctx, given.path.keys),
    }),
  ];
}
