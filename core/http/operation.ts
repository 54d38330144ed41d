import type { z } from 'zod';
import type { ErrorCode } from '../config/errors.ts';
import { type BodyLimit, readJsonText, saysJson } from './body.ts';
import { hoist, parseParameters, type RawParameters, urlParameters } from './parameters.ts';
import type { Printed } from './printed.ts';
import type { Context } from './state.ts';

export type Method = 'get' | 'post' | 'put' | 'options';

/**
 * One method of one path, declared once: the router, the validation of requests and the OpenAPI
 * document are made of it. Those of GET are there for HEAD, too (RFC 9110, 9.3.2).
 */
export interface Operation extends Described {
  readonly path: string;
  readonly pathParameters: z.ZodObject | undefined;
  readonly query: z.ZodObject | undefined;
  readonly body: Body | undefined;
  readonly answer: Answer<z.ZodType>;
  readonly respond: (ctx: Context, path: PathParameters) => Promise<void>;
}

/** Values of the parts of a path that are in braces, decoded. */
export type PathParameters = Readonly<Record<string, string>>;

/** What documentation says of an operation. */
export interface Described {
  readonly method: Method;
  /** names the operation in generated clients */
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly deprecated?: true;
  /** `HEAD` is documented, under this id */
  readonly headId?: string;
  /** the operation depends on who calls */
  readonly authenticated?: true;
  /** schemas that descriptions refer to, by name */
  readonly components?: Readonly<Record<string, z.ZodType>>;
  /** with what it may refuse, beside what any operation may */
  readonly refusals?: readonly ErrorCode[];
}

/** A body that the operation takes. */
export type Body =
  /** its members are query parameters, wherever else those aren't given (specification, service-api 1.6) */
  | {
      readonly kind: 'parameters';
      readonly limit: BodyLimit;
      readonly description: string;
      /** what isn't said to be JSON is ignored, not refused */
      readonly ignoresOthers?: true;
    }
  /** the operation reads it itself */
  | { readonly kind: 'json'; readonly schema: z.ZodType; readonly description: string };

/** The answer of success. */
export interface Answer<A extends z.ZodType> {
  /** default: 200 */
  readonly status?: number;
  readonly description: string;
  /** of the body; absent where there is none, or it is no JSON */
  readonly schema?: A;
  /** default: JSON */
  readonly mediaType?: string;
  /** other statuses and what they mean; with a body of the same schema, unless they have one of their own */
  readonly others?: Readonly<Record<number, string | { readonly description: string; readonly schema: z.ZodType }>>;
}

/** An operation as it is written down. Schemas that aren't there say that nothing is looked at. */
export type Declaration<P extends z.ZodObject, Q extends z.ZodObject, A extends z.ZodType> = Described & {
  /** as OpenAPI writes it: `/index/{entity_type}` */
  readonly path: string;
  readonly pathParameters?: P;
  readonly query?: Q;
  readonly body?: Body;
  readonly answer: Answer<A>;
} & (GivesBody<P, Q, A> | WritesAnswer<P, Q>);

interface GivesBody<P extends z.ZodObject, Q extends z.ZodObject, A extends z.ZodType> {
  /** gives the body of the answer, as JSON */
  readonly handle: (ctx: Context, given: Given<P, Q>) => JsonOf<A> | Promise<JsonOf<A>>;
  readonly respond?: never;
}

interface WritesAnswer<P extends z.ZodObject, Q extends z.ZodObject> {
  /** writes the answer itself: its status, or what is no JSON */
  readonly respond: (ctx: Context, given: Given<P, Q>) => void | Promise<void>;
  readonly handle?: never;
}

/** A body, printed already or not. */
type JsonOf<A extends z.ZodType> = Shown<z.input<A>> | Printed<Shown<z.input<A>>>;

/** The parameters of a request, parsed. */
export interface Given<P extends z.ZodObject, Q extends z.ZodObject> {
  readonly path: z.output<P>;
  readonly query: z.output<Q>;
}

/** A body that nobody changes any more. */
export type Shown<T> = T extends readonly (infer E)[]
  ? readonly Shown<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Shown<T[K]> }
    : T;

/** @throws LazuliError `bad_request` when it is called with parameters that don't fit */
export function operation<P extends z.ZodObject, Q extends z.ZodObject, A extends z.ZodType = z.ZodUndefined>(
  declaration: Declaration<P, Q, A>,
): Operation {
  const { pathParameters, query, body, answer, handle, respond, ...described } = declaration;
  return {
    ...described,
    pathParameters,
    query,
    body,
    answer,
    respond: async (ctx, path) => {
      const given = await givenParameters(ctx, path, declaration);
      if (respond !== undefined) return await respond(ctx, given);
      ctx.body = await handle(ctx, given);
      if (answer.status !== undefined) ctx.status = answer.status;
    },
  };
}

async function withBody(
  ctx: Context,
  inUrl: RawParameters,
  body: Body & { kind: 'parameters' },
): Promise<RawParameters> {
  if (!body.ignoresOthers) return hoist(inUrl, await readJsonText(ctx, body.limit));
  return saysJson(ctx) ? hoist(inUrl, await readJsonText(ctx, body.limit), 'required') : inUrl;
}

async function givenParameters<P extends z.ZodObject, Q extends z.ZodObject, A extends z.ZodType>(
  ctx: Context,
  inPath: PathParameters,
  { pathParameters, query, body }: Declaration<P, Q, A>,
): Promise<Given<P, Q>> {
  const inUrl = urlParameters(ctx.querystring);
  const raw = body?.kind === 'parameters' ? await withBody(ctx, inUrl, body) : inUrl;
  const parsed = query === undefined ? {} : parseParameters(query, raw);
  const path = pathParameters === undefined ? {} : parseParameters(pathParameters, inPath);
  return { path: path as z.output<P>, query: parsed as z.output<Q> };
}
