import { z } from 'zod';
import { LazuliError } from '../../../../core/config/errors.ts';
import type { Identity } from '../../../../core/model/authentication.ts';
import { Refused } from './failures.ts';
import type { Asking, Service } from './service.ts';
import type { ServiceAccount } from './service-account.ts';

export interface AccessParts {
  readonly sam: Service;
  /** stands for callers without credentials; null: those see nothing */
  readonly anonymous: ServiceAccount | null;
}

/** A question in the name of somebody. */
interface AskedAs<T> {
  readonly identity: Identity;
  readonly signal: AbortSignal;
  readonly ask: (asking: Asking) => Promise<T>;
  readonly byNobody: () => T;
}

/**
 * Asks in the name of a caller, by that one's own credential, or by the public account for callers who have none and for
 * those whom SAM doesn't know (specification, repository-plugins 4.4).
 */
export class CallersAccess {
  readonly #parts: AccessParts;

  constructor(parts: AccessParts) {
    this.#parts = parts;
  }

  /**
   * @param byNobody gives or throws what there is for whom the public account would have to ask, where there is none
   * @throws LazuliError what asking throws; `unauthorized` for a subject without a credential, `unavailable`
   */
  async as<T>({ identity, signal, ask, byNobody }: AskedAs<T>): Promise<T> {
    const { subject, credential } = identity;
    if (credential === undefined) {
      if (subject === null) return this.#anonymously({ signal, ask, byNobody });
      throw new LazuliError(
        'unauthorized',
        'The repository has to be asked by your own credential, and there is none.',
        {
          remedy: 'Operators: choose an authentication plug-in that passes credentials of the repository on.',
        },
      );
    }
    const asking = { authorization: credential.authorization(), waiting: 'caller', signal } as const;
    try {
      return await ask(asking);
    } catch (error) {
      const isDenied = error instanceof LazuliError && (error.code === 'unauthorized' || error.code === 'forbidden');
      if (!isDenied || (await this.#isRegistered(asking))) throw error;
      return this.#anonymously({ signal, ask, byNobody });
    }
  }

  async #anonymously<T>({ signal, ask, byNobody }: Omit<AskedAs<T>, 'identity'>): Promise<T> {
    const { anonymous } = this.#parts;
    if (anonymous === null) return byNobody();
    try {
      return await ask({ authorization: await anonymous.authorization(signal), waiting: 'caller', signal });
    } catch (error) {
      // It is the operators' account that isn't accepted, not the caller's.
      const isDenied = error instanceof Refused && error.isDenied;
      if (!isDenied && !(error instanceof LazuliError && error.code === 'repository_unavailable')) throw error;
      throw new LazuliError('unavailable', "The repository can't be asked for what is public.", {
        remedy: 'Operators: `lazuli tdr check` tells why.',
        cause: error,
      });
    }
  }

  /** @throws LazuliError `unauthorized` for a token that is no good */
  async #isRegistered(asking: Asking): Promise<boolean> {
    const answers = { 200: z.unknown(), 404: z.unknown() };
    return (await this.#parts.sam.ask({ path: '/register/user/v1' }, answers, asking)).status === 200;
  }
}
