import { expect } from 'chai';
import type { LazuliError } from '../../../core/config/errors.ts';
import type { Authentication } from '../../../core/model/authentication.ts';
import { parseOptions } from '../../../plugins/authentication/oidc/options.ts';
import { openedAt } from '../../../plugins/authentication/oidc/plugin.ts';

/** An opened plug-in that is asked with tokens. */
export interface Asked {
  readonly authentication: Authentication;
  /** Who that is: subject and groups, or the code of the error. */
  who(token: string): Promise<string>;
  /** seconds that have passed beside those that pass by themselves */
  passed: number;
}

const patient = new AbortController().signal;

/** @param options of the plug-in, without its name */
export async function asking(options: object): Promise<Asked> {
  const clock = { passed: 0 };
  const authentication = await openedAt(parseOptions(options), () => Date.now() + clock.passed * 1000);
  return Object.assign(clock, {
    authentication,
    async who(token: string) {
      try {
        const { subject, groups = [] } = await authentication.identify(`Bearer ${token}`, patient);
        return [subject, ...groups].join(' ');
      } catch (error) {
        const { code, message, remedy } = error as LazuliError;
        expect(`${message} ${remedy}`).to.not.include(token);
        return code;
      }
    },
  });
}
