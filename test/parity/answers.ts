import { expect } from 'chai';
import { expected, needsShared, type Recorded } from '../rigs/hca/shared.ts';
import { conformanceTo } from '../rigs/http/conformance.ts';
import type { Service } from '../rigs/service/harness.ts';
import { difference, type Exchange, type Given, isChained } from './exchanges.ts';
import { each } from './hca-service.ts';

interface Paged {
  readonly pagination?: { readonly next: string | null; readonly previous: string | null };
}

/**
 * Compares all recorded answers with those of a service over the expected documents.
 *
 * @param count how many there are
 */
export function recordedAnswers(model: Recorded, count: number, start: () => Promise<Service>): void {
  describe(`Recorded answers of ${model}`, function () {
    this.timeout(240_000);
    let service: Service;
    before(async function () {
      needsShared(this, model);
      service = await start();
    });
    after(() => service?.[Symbol.asyncDispose]());

    const recorded = () => [...expected<Exchange>('responses.ndjson.gz', model)];

    async function send({ request }: Exchange, link?: string): Promise<Given> {
      const { method, path, query_string: query, json_body: body } = request;
      const own = `${path}${query === '' ? '' : `?${query}`}`;
      return service.send(
        method,
        link?.replace(service.url, '') ?? own,
        body === undefined ? undefined : JSON.stringify(body),
      );
    }

    async function problem(exchange: Exchange): Promise<string> {
      return told(exchange, difference(exchange, await send(exchange), service.url));
    }

    /** From the first page on by the links that the service gives. */
    async function chainProblems(chain: readonly Exchange[]): Promise<readonly string[]> {
      const problems: string[] = [];
      let page: Paged | undefined;
      for (const exchange of chain) {
        const { next, previous } = page?.pagination ?? {};
        const link =
          page === undefined ? undefined : ((exchange.tag.endsWith('-back') ? previous : next) ?? '/no-link');
        const given = await send(exchange, link);
        problems.push(told(exchange, difference(exchange, given, service.url)));
        page = given.body as Paged;
      }
      return problems;
    }

    const told = ({ n, tag, request }: Exchange, difference: string): string =>
      difference === ''
        ? ''
        : `${n} [${tag}] ${request.method} ${request.path}?${decodeURIComponent(request.query_string)}: ${difference}`;

    it(`are those that the service gives over the expected documents, all ${count}`, async () => {
      const exchanges = recorded();
      const chains = Map.groupBy(exchanges.filter(isChained), ({ tag }) => tag.replace(/-back$/, ''));
      const problems = [
        ...(await each(
          exchanges.filter((exchange) => !isChained(exchange)),
          problem,
        )),
        ...(await each([...chains.values()], chainProblems)).flat(),
      ];
      expect(problems.filter((text) => text !== '').join('\n')).to.equal('');
      expect(problems).to.have.length(count);
    });

    it('are all as the OpenAPI document says', async () => {
      const conforms = conformanceTo((await service.get('/openapi')).body);
      const checked = async (exchange: Exchange) => {
        const { method, path } = exchange.request;
        return told(exchange, conforms({ method, path, ...(await send(exchange)) }) ?? '');
      };
      const problems = await each(recorded(), checked);
      expect(problems.filter((text) => text !== '').join('\n')).to.equal('');
    });
  });
}
