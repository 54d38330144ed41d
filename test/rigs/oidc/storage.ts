import type { Adapter, AdapterPayload } from 'oidc-provider';

/** What a provider keeps, so that another one with other keys can go on with it. Nothing in it is ever dropped for its age. */
export class ProviderStorage {
  readonly #kept = new Map<string, AdapterPayload>();

  /** What a provider opens for each kind of thing, such as `Session`. */
  readonly adapter = (kind: string): Adapter => ({
    upsert: async (id, payload) => {
      this.#kept.set(keyOf(kind, id), payload);
    },
    find: async (id) => this.#kept.get(keyOf(kind, id)),
    findByUid: async (uid) => this.#found(kind, (kept) => kept.uid === uid),
    findByUserCode: async (userCode) => this.#found(kind, (kept) => kept.userCode === userCode),
    consume: async (id) => {
      const kept = this.#kept.get(keyOf(kind, id));
      if (kept !== undefined) kept.consumed = Math.floor(Date.now() / 1000);
    },
    destroy: async (id) => {
      this.#kept.delete(keyOf(kind, id));
    },
    revokeByGrantId: async (grantId) => {
      for (const [key, kept] of this.#kept) if (kept.grantId === grantId) this.#kept.delete(key);
    },
  });

  #found(kind: string, is: (kept: AdapterPayload) => boolean): AdapterPayload | undefined {
    for (const [key, kept] of this.#kept) if (key.startsWith(keyOf(kind, '')) && is(kept)) return kept;
    return undefined;
  }
}

const keyOf = (kind: string, id: string): string => `${kind}/${id}`;
