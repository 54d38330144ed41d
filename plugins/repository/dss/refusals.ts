import { z } from 'zod';
import { jsonOrNothing } from '../../../core/config/text.ts';
import type { Exchanged } from './exchange.ts';

const problem = z.looseObject({ code: z.string().optional(), title: z.string().optional() });
const maxShown = 300;

/** What a data store refuses: by its status and code (specification, dss 2). */
export class StoreRefusal extends Error {
  readonly status: number;
  /** such as `not_found`; empty where the store doesn't say */
  readonly code: string;

  constructor(status: number, code: string, title: string) {
    super(`${[status, code].join(' ').trim()}${title === '' ? '' : `: ${title.slice(0, maxShown)}`}`);
    this.status = status;
    this.code = code;
  }
}

export function problemOf({ status, bytes }: Exchanged): StoreRefusal {
  const { code = '', title = '' } = problem.safeParse(jsonOrNothing(bytes)).data ?? {};
  return new StoreRefusal(status, code, title);
}
