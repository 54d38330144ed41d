import { expect } from 'chai';
import { pino } from 'pino';
import { type Service, startService } from './harness.ts';
import { herbarium, sheet } from './herbarium.ts';

describe('the access log', () => {
  const lines: Record<string, unknown>[] = [];
  let added = () => {};
  let service: Service;
  before(async () => {
    const write = (line: string) => {
      lines.push(JSON.parse(line));
      added();
    };
    const documents = { sheets: [sheet(1, {})] };
    service = await startService({ plugin: herbarium, documents, deps: { logger: pino({ base: null }, { write }) } });
  });
  after(() => service[Symbol.asyncDispose]());

  const logged = async (path: string, headers: Readonly<Record<string, string>>) => {
    const line = new Promise<void>((resolve) => {
      added = resolve;
    });
    await service.get(path, headers);
    await line;
    return lines.at(-1);
  };

  it('has one line a request, with its id and without tokens', async () => {
    const headers = { Authorization: 'Bearer secret', 'X-Request-Id': 'r1', 'User-Agent': 'test' };
    const { time, millis, level, bytes, ...line } = (await logged('/index/sheets?size=1&size=2', headers)) ?? {};
    expect(line).to.deep.equal({
      request: 'r1',
      method: 'GET',
      path: '/index/sheets',
      query: 'size=1&size=2',
      status: 200,
      agent: 'test',
      complete: true,
      msg: 'answered',
    });
    expect([time, millis, level, bytes].every(Number.isFinite)).to.equal(true);
    const refused = await logged('/index/sheets?token=secret', headers);
    expect(refused).to.deep.include({ query: 'token=redacted', status: 400 });
    expect(JSON.stringify(lines)).not.to.include('secret');
  });
});
