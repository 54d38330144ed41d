import { z } from 'zod';
import type { ErrorCode } from '../config/errors.ts';
import type { Shown } from '../http/operation.ts';

interface Asked<G extends z.ZodObject> {
  readonly method: 'get' | 'post';
  /** as OpenAPI writes it: `/runs/{catalog}` */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly deprecated?: true;
  /** what is said: with `get` in the path, with `post` in the body */
  readonly given: G;
  /** 202: it is certain to be done, and may be done later. Default: 200 */
  readonly status?: 202;
  /** with what it may refuse, beside what any operation may */
  readonly refusals?: readonly ErrorCode[];
  /** it takes its turn, and then minutes: who asks waits for that long */
  readonly long?: true;
}

/** Something that a worker is asked, and its answer. */
export interface Question<G extends z.ZodObject, A extends z.ZodType> extends Asked<G> {
  readonly isOrder: false;
  readonly answer: A;
}

/** Something that a worker is to do. The answer repeats what that is, so that it is one of who has understood. */
export interface Order<G extends z.ZodObject> extends Asked<G> {
  readonly isOrder: true;
  readonly answer: z.ZodObject;
}

/**
 * What can be asked of a worker at its port for operators, declared once: server (`serve.ts`), client (`client.ts`) and
 * OpenAPI document are made of it.
 */
export type Declaration = Question<z.ZodObject, z.ZodType> | Order<z.ZodObject>;

/** All that a worker can be asked, by the names under which the server handles it and the client offers it. */
export type Declarations = Readonly<Record<string, Declaration>>;

export const question = <G extends z.ZodObject, A extends z.ZodType>(
  declared: Omit<Question<G, A>, 'isOrder'>,
): Question<G, A> => ({ ...declared, isOrder: false });

/** @param how members of what is given that only say how it is to be done: they are not repeated */
export function order<G extends z.ZodObject>({
  how = [],
  ...declared
}: Omit<Order<G>, 'isOrder' | 'answer'> & { readonly how?: readonly (keyof z.output<G> & string)[] }): Order<G> {
  const repeated = Object.entries(declared.given.shape).filter(([name]) => !how.some((other) => other === name));
  return { ...declared, isOrder: true, answer: z.object(Object.fromEntries(repeated)) };
}

/** What makes a server of declarations: a function for each. */
export type Handlers<D extends Declarations> = {
  readonly [N in keyof D]: (given: z.output<D[N]['given']>) => Handled<D[N]>;
};
type Handled<D> = D extends Question<z.ZodObject, infer A> ? Promise<Shown<z.input<A>>> : Promise<void>;

/** What asks such a server: a method for each. All throw `Refused`, and LazuliError `unavailable`. */
export type Client<D extends Declarations> = {
  readonly [N in keyof D]: (...given: Given<D[N]['given']>) => Told<D[N]>;
};
type Told<D> = D extends Question<z.ZodObject, infer A> ? Promise<z.output<A>> : Promise<void>;
type Given<G extends z.ZodObject> = keyof G['shape'] extends never ? [] : [given: z.input<G>];

/** Of what needs nothing to be said. */
export const nothing = z.strictObject({});
