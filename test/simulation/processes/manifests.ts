import { setTimeout } from 'node:timers/promises';
import { catalog } from '../../faults/pipeline-settings.ts';

/** More than a stall and a few deaths of the worker take. */
const patience = 240_000;
const pauseMillis = 500;

/** Who asks for manifests of a source that doesn't change: each gets it, whatever dies meanwhile, and all say the same. */
export class Manifests {
  readonly #service: string;
  readonly #path: string;
  readonly #asking: Promise<void>[] = [];
  #first: string | null = null;
  readonly wrong: string[] = [];

  constructor(service: string, source: string) {
    const filters = JSON.stringify({ sourceId: { is: [source] } });
    this.#service = service;
    this.#path = `/fetch/manifest/files?${new URLSearchParams({ catalog, format: 'compact', filters })}`;
  }

  begin(): void {
    this.#asking.push(this.#get().catch((error: Error) => void this.wrong.push(`A manifest: ${error.message}`)));
  }

  async end(): Promise<void> {
    await Promise.all(this.#asking);
  }

  async #get(): Promise<void> {
    const deadline = Date.now() + patience;
    let [method, url] = ['PUT', this.#service + this.#path];
    while (Date.now() < deadline) {
      const answer = await fetch(url, { method });
      const body = (await answer.json()) as { readonly Status?: number; readonly Location?: string };
      if (answer.status === 200 && body.Location !== undefined) [method, url] = ['GET', body.Location];
      else if (answer.status !== 503) throw new Error(`${answer.status} ${JSON.stringify(body)}`);
      if (body.Status === 302) return this.#compare(await (await fetch(url)).text());
      await setTimeout(pauseMillis);
    }
    throw new Error(`it is not there after ${patience} ms`);
  }

  #compare(text: string): void {
    this.#first ??= text;
    if (text !== this.#first) this.wrong.push(`A manifest is another one:\n${text}\n${this.#first}`);
  }
}
