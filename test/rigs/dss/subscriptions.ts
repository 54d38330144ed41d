import { randomUUID } from 'node:crypto';
import { compile as compileJmespath } from '@jmespath-community/jmespath';
import { z } from 'zod';
import { type Accounts, type Caller, forbidden } from './accounts.ts';
import { type Answer, type Asked, answered, illegal, notFound, Problem, replicaOf, versionAt } from './answers.ts';
import { compile } from './search.ts';

const most = 100;

const subscriptionBody = z.strictObject({
  callback_url: z.string().regex(/^https?:\/\/\S+$/),
  es_query: z.looseObject({ query: z.unknown().optional() }).optional(),
  jmespath_query: z.string().optional(),
  method: z.enum(['POST', 'PUT']).optional(),
  encoding: z.enum(['application/json', 'multipart/form-data']).optional(),
  form_fields: z.record(z.string(), z.string()).optional(),
  payload_form_field: z.string().optional(),
  hmac_secret_key: z.string().optional(),
  hmac_key_id: z.string().optional(),
  attachments: z.record(z.string(), z.strictObject({ type: z.literal('jmespath'), expression: z.string() })).optional(),
});
type Body = z.output<typeof subscriptionBody>;

export type SubscriptionKind = 'elasticsearch' | 'jmespath';

/** A subscription, stored as it was put. */
export type Subscription = Body & { readonly uuid: string; readonly replica: string; readonly owner: string };

/** @returns the kind that a body makes it */
export const kindOf = ({ es_query }: Body): SubscriptionKind => (es_query ? 'elasticsearch' : 'jmespath');

/** Subscriptions of the store, each its owner's (specification, dss 4). */
export class Subscriptions {
  readonly #accounts: Accounts;
  readonly #now: () => number;
  readonly #stored = new Map<string, Subscription>();

  constructor(accounts: Accounts, now: () => number) {
    this.#accounts = accounts;
    this.#now = now;
  }

  /** with their secrets, in the order in which they were put */
  get all(): readonly Subscription[] {
    return [...this.#stored.values()];
  }

  async put(asked: Asked): Promise<Answer> {
    const { email: owner } = await this.#caller(asked);
    const replica = replicaOf(asked);
    const result = subscriptionBody.safeParse(asked.body);
    if (!result.success) throw illegal(z.prettifyError(result.error));
    check(result.data);
    if (this.all.filter((one) => one.owner === owner).length >= most) throw new Problem(406, 'not_acceptable');
    const subscription: Subscription = { ...result.data, uuid: randomUUID(), replica, owner };
    this.#stored.set(subscription.uuid, subscription);
    const isElasticsearch = kindOf(subscription) === 'elasticsearch';
    return answered(201, isElasticsearch ? { uuid: subscription.uuid } : subscription);
  }

  async list(asked: Asked): Promise<Answer> {
    const { email: owner } = await this.#caller(asked);
    replicaOf(asked);
    const kind = askedKind(asked);
    const own = this.all.filter((one) => one.owner === owner && kindOf(one) === kind);
    return answered(200, { subscriptions: own.map(shown) });
  }

  async get(asked: Asked): Promise<Answer> {
    return answered(200, shown(await this.#own(asked)));
  }

  async delete(asked: Asked): Promise<Answer> {
    const { uuid } = await this.#own(asked);
    this.#stored.delete(uuid);
    return answered(200, { timeDeleted: versionAt(this.#now()) });
  }

  async #own(asked: Asked): Promise<Subscription> {
    const { email: owner } = await this.#caller(asked);
    replicaOf(asked);
    const kind = askedKind(asked);
    const found = this.#stored.get(asked.parts.uuid ?? '');
    if (found === undefined || kindOf(found) !== kind) throw notFound('Cannot find subscription!');
    if (found.owner === owner) return found;
    throw kind === 'elasticsearch' ? forbidden('Not yours.') : notFound('Cannot find subscription!');
  }

  #caller({ authorization }: Asked): Promise<Caller> {
    return this.#accounts.require(authorization, ['hca', 'public']);
  }
}

function askedKind({ url }: Asked): SubscriptionKind {
  const kind = url.searchParams.get('subscription_type') ?? 'jmespath';
  if (kind === 'elasticsearch' || kind === 'jmespath') return kind;
  throw illegal(`'${kind}' is not one of ['elasticsearch', 'jmespath']`);
}

const shown = ({ hmac_secret_key: _secret, ...rest }: Subscription): object => rest;

function check({ es_query, jmespath_query, attachments }: Body): void {
  if (es_query?.query !== undefined) compile(es_query.query);
  if (jmespath_query !== undefined) requireExpression(jmespath_query, 'invalid_jmespath');
  for (const [name, { expression }] of Object.entries(attachments ?? {})) {
    if (name.startsWith('_')) throw new Problem(400, 'invalid_attachment_name', name);
    requireExpression(expression, 'invalid_attachment_expression');
  }
}

function requireExpression(expression: string, code: string): void {
  try {
    compileJmespath(expression);
  } catch (error) {
    throw new Problem(400, code, String(error));
  }
}
