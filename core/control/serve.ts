import type { z } from 'zod';
import { parsedBody, readBody } from '../http/body.ts';
import { expectLongWork } from '../http/long-work.ts';
import { type Operation, operation } from '../http/operation.ts';
import { operatorsTag } from '../http/operators-app.ts';
import type { Context } from '../http/state.ts';
import type { Declaration, Declarations, Handlers } from './declaration.ts';

const limit = { maxBytes: 64 * 2 ** 10 };
const remedy = 'Send the members that the documentation at /openapi names.';

/** The operations of a worker's port for operators: declared, and handled by a function each. */
export const serve = <D extends Declarations>(declarations: D, handlers: Handlers<D>): readonly Operation[] =>
  Object.entries(declarations).map(([id, declared]) =>
    served(id, declared, handlers[id as keyof D] as unknown as Handler),
  );

type Handler = (given: z.output<z.ZodObject>) => Promise<unknown>;

function served(id: string, declared: Declaration, handle: Handler): Operation {
  const { method, path, given, answer, status = 200, refusals = [], long, isOrder } = declared;
  const { summary, description, deprecated } = declared;
  return operation({
    ...{ id, method, path, tag: operatorsTag, summary, refusals: ['forbidden', ...refusals] },
    ...(description && { description }),
    ...(deprecated && { deprecated }),
    ...(method === 'get' ? { pathParameters: given } : { body: { kind: 'json', schema: given, description: bodyOf } }),
    answer: { status, description: isOrder ? 'What was asked for, again.' : 'The answer.', schema: answer },
    handle: async (ctx, { path }) => {
      if (long) expectLongWork(ctx);
      const asked = method === 'get' ? path : await bodyAs(ctx, given);
      const told = await handle(asked);
      return isOrder ? answer.parse(asked) : told;
    },
  });
}

const bodyOf = 'What is asked for.';

/** @throws LazuliError `bad_request`, `payload_too_large` */
const bodyAs = async (ctx: Context, schema: z.ZodObject) => parsedBody(await readBody(ctx, limit), schema, remedy);
