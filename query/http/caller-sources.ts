import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { type AccessRules, left } from '../../core/config/access-rules.ts';
import { LazuliError } from '../../core/config/errors.ts';
import type { Identity } from '../../core/model/authentication.ts';
import type { Repository } from '../../core/model/repository.ts';
import type { AccessibleSources } from '../access.ts';
import { fromRepository } from './from-repository.ts';

/** Specification, service-api 1.5 */
const rememberedMillis = 60_000;
/** Callers that are remembered, and ids of sources for all of them: some tens of megabytes. */
const maxCallers = 10_000;
const maxIds = 250_000;

/** What the repository said. Milliseconds since the epoch; `since` is when it was asked. */
interface Said {
  readonly sources: AccessibleSources;
  readonly since: number;
  readonly until: number;
}

interface Parts {
  readonly repository: Repository;
  /** of the catalog's settings; absent: what the repository says holds */
  readonly rules?: AccessRules | undefined;
  /** milliseconds since the epoch */
  readonly now?: () => number;
}

/**
 * Which sources of a catalog callers may see: what its repository says, less what its settings take away. That is remembered
 * for a minute, unless the repository answers from what is at hand. Those who ask at the same time share a question.
 */
export class CallerSources {
  readonly #repository: Repository;
  readonly #rules: AccessRules | undefined;
  readonly #now: () => number;
  readonly #said = new LRUCache<string, Said>({
    max: maxCallers,
    maxSize: maxIds,
    sizeCalculation: ({ sources }) => sources.size + 1,
  });
  readonly #asking = new Map<string, Promise<AccessibleSources>>();

  constructor({ repository, rules, now = Date.now }: Parts) {
    this.#repository = repository;
    this.#rules = rules;
    this.#now = now;
  }

  /** Sources that the caller may see, or could a minute ago. @throws LazuliError as `fromRepository` */
  async of(caller: Identity): Promise<AccessibleSources> {
    if (this.#repository.answersAtOnce) return this.#ask(caller);
    const key = keyOf(caller);
    const said = this.#said.get(key);
    const now = this.#now();
    // A clock that was set back says nothing about how long it holds.
    if (said !== undefined && said.since <= now && now < said.until) return said.sources;
    return this.#asking.get(key) ?? this.#askFor(key, caller);
  }

  /** Sources that the caller may see now, which is what is remembered from now on. @throws LazuliError as `fromRepository` */
  async now(caller: Identity): Promise<AccessibleSources> {
    return this.#repository.answersAtOnce ? this.#ask(caller) : this.#askAndRemember(keyOf(caller), caller);
  }

  #askFor(key: string, caller: Identity): Promise<AccessibleSources> {
    const asking = this.#askAndRemember(key, caller).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asking);
    return asking;
  }

  async #askAndRemember(key: string, caller: Identity): Promise<AccessibleSources> {
    const since = this.#now();
    try {
      const sources = await this.#ask(caller);
      const until = Math.min(since + rememberedMillis, caller.expires ?? Infinity);
      this.#remember(key, { sources, since, until });
      return sources;
    } catch (error) {
      // Whoever is refused now isn't let in by what was said before.
      if (error instanceof LazuliError && error.code === 'unauthorized') this.#said.delete(key);
      throw error;
    }
  }

  /** What was asked for later counts, whichever is answered first. */
  #remember(key: string, said: Said): void {
    const other = this.#said.peek(key);
    if (other === undefined || other.since <= said.since || other.since > this.#now()) this.#said.set(key, said);
  }

  async #ask(caller: Identity): Promise<AccessibleSources> {
    const repository = this.#repository;
    const sources = await fromRepository('which sources the caller may see', (signal) =>
      repository.accessibleSources(caller, signal),
    );
    if (this.#rules === undefined) return sources;
    const listed = await fromRepository('which sources there are', (signal) => repository.listSources(signal));
    const known = listed.filter(({ id }) => sources.has(id));
    return new Set(left(this.#rules, known, caller).map(({ id }) => id));
  }
}

/** What decides about the answer: equal keys are the same caller with the same credential. */
function keyOf({ subject, groups = [], credential }: Identity): string {
  const parts = JSON.stringify([subject, groups, credential?.fingerprint ?? null]);
  return createHash('sha256').update(parts).digest('base64url');
}
