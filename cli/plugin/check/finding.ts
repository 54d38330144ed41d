import { type ErrorPlace, LazuliError } from '../../../core/config/errors.ts';

/** Something that a check has found. An error has to be corrected; a warning is worth a look. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  /** of a plug-in, bundle, entity or field; empty where it is of all */
  readonly where: string;
  readonly what: string;
  readonly remedy: string;
}

/** Findings alike that are kept: a mistake of a plug-in shows in every bundle. */
const maxAlike = 3;
/** of all findings */
const maxKept = 50;

/** Findings. Of many alike it keeps a few, and how many more there are. */
export class Findings {
  readonly #kept: Finding[] = [];
  readonly #alike = new Map<string, number>();
  #more = 0;
  #moreErrors = false;

  error(where: string, what: string, remedy: string): void {
    this.#add({ severity: 'error', where, what, remedy });
  }

  warn(where: string, what: string, remedy: string): void {
    this.#add({ severity: 'warning', where, what, remedy });
  }

  /** What was thrown, with the place that it names. @param remedy where it names none */
  thrown(where: string, error: unknown, remedy = 'Correct the plug-in.'): void {
    const { message, place, remedy: own } = error instanceof LazuliError ? error : unforeseen(error);
    const parts = [where, place.entity, place.field].filter((part) => part !== undefined && part !== '');
    this.error(parts.join(', '), message, own ?? remedy);
  }

  /** Where some aren't kept, the last one says so: an error where any of them is one. */
  get all(): readonly Finding[] {
    if (this.#more === 0) return this.#kept;
    const severity = this.#moreErrors ? 'error' : 'warning';
    const remedy = 'Correct those above, then check again.';
    return [...this.#kept, { severity, where: '', what: `${this.#more} more findings like these`, remedy }];
  }

  #add(finding: Finding): void {
    const count = (this.#alike.get(finding.what) ?? 0) + 1;
    this.#alike.set(finding.what, count);
    if (count <= maxAlike && this.#kept.length < maxKept) return void this.#kept.push(finding);
    this.#more++;
    this.#moreErrors ||= finding.severity === 'error';
  }
}

const unforeseen = (error: unknown) => ({ message: String(error), place: {} as ErrorPlace, remedy: undefined });
