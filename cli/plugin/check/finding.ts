import { type ErrorPlace, LazuliError } from '../../../core/config/errors.ts';

/** Something that a check has found. An error has to be corrected; a warning is worth a look. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  /** of a plug-in, bundle, entity or field; empty where it is of all */
  readonly where: string;
  readonly what: string;
  readonly remedy: string;
}

/** Findings of a kind that are kept: a mistake of a plug-in shows in every bundle. */
const maxAlike = 3;

/** Findings. Of many alike it keeps a few, and how many more there are. */
export class Findings {
  readonly #all: Finding[] = [];
  readonly #alike = new Map<string, number>();

  error(where: string, what: string, remedy: string): void {
    this.#add({ severity: 'error', where, what, remedy }, remedy);
  }

  warn(where: string, what: string, remedy: string): void {
    this.#add({ severity: 'warning', where, what, remedy }, what);
  }

  /** What was thrown, with the place that it names. @param remedy where it names none */
  thrown(where: string, error: unknown, remedy = 'Correct the plug-in.'): void {
    const { message, place, remedy: own } = error instanceof LazuliError ? error : unforeseen(error);
    const parts = [where, place.entity, place.field].filter((part) => part !== undefined && part !== '');
    this.error(parts.join(', '), message, own ?? remedy);
  }

  get all(): readonly Finding[] {
    const more = [...this.#alike.values()].reduce((sum, count) => sum + Math.max(0, count - maxAlike), 0);
    if (more === 0) return this.#all;
    const what = `${more} more findings like these`;
    return [...this.#all, { severity: 'warning', where: '', what, remedy: 'Correct those above, then check again.' }];
  }

  #add(finding: Finding, kind: string): void {
    const count = (this.#alike.get(kind) ?? 0) + 1;
    this.#alike.set(kind, count);
    if (count <= maxAlike) this.#all.push(finding);
  }
}

const unforeseen = (error: unknown) => ({ message: String(error), place: {} as ErrorPlace, remedy: undefined });
