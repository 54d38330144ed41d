import { type Answer, Problem } from './answers.ts';

/** What becomes of an answer on its way: another one, or half of it before the connection ends, or nothing at all. */
export type Fault = (answer: Answer) => Answer | { readonly half: Answer } | 'nothing';

/** Faults on demand, and what was asked. */
export class Faults {
  /** `GET /v1/bundles/all`, in the order of their answers */
  readonly asked: string[] = [];
  #planned: { readonly path: RegExp; readonly fault: Fault; times: number }[] = [];

  /**
   * Has a fault in answers to requests like `GET /v1/files/…?version=…`.
   *
   * @param times that it happens; the fault that was asked for first comes first
   */
  plan(path: RegExp, fault: Fault, times = 1): void {
    this.#planned.push({ path, fault, times });
  }

  clear(): void {
    this.#planned = [];
    this.asked.length = 0;
  }

  /** Takes note of a request, and spoils its answer. */
  spoil(request: string, answer: Answer): ReturnType<Fault> {
    this.asked.push(request.replace(/\?.*/s, ''));
    const planned = this.#planned.find(({ path, times }) => times > 0 && path.test(request));
    if (planned === undefined) return answer;
    planned.times--;
    return planned.fault(answer);
  }
}

/** An error of the store. */
export const fails =
  (status: number, code: string): Fault =>
  () =>
    new Problem(status, code, code, status >= 500 ? { 'Retry-After': '0' } : {}).answer;

/** The connection ends in the middle of the answer. */
export const breaksOff: Fault = (answer) => ({ half: answer });
/** The request is never answered. */
export const staysSilent: Fault = () => 'nothing';
/** A page that says there are more, and not where. */
export const losesLink: Fault = ({ headers: { Link: _lost, ...headers }, ...answer }) => ({ ...answer, headers });

type Page = Readonly<Record<string, unknown>>;

/** A page of a list without the last half of what it holds. @param member of the body that holds the list */
export const losesHalf =
  (member: string): Fault =>
  ({ body, ...answer }) => {
    const list = (body as Page)[member] as readonly unknown[];
    return { ...answer, body: { ...(body as Page), [member]: list.slice(0, list.length / 2) } };
  };

/** What was asked for is being made ready, however often somebody asks. */
export const movedForEver =
  (url: string): Fault =>
  () => ({ status: 301, headers: { Location: url, 'Retry-After': '1' } });
