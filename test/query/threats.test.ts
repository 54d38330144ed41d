import { expect } from 'chai';
import { engines } from '../rigs/engines.ts';
import { AlteringProxy } from '../rigs/http/altering-proxy.ts';
import { wireTo } from '../rigs/http/wire.ts';
import { herbarium, idOf, sheet } from '../rigs/models/herbarium.ts';
import { type Service, startService } from '../rigs/service/harness.ts';

/** Odd ones are of `a`, which everybody sees, the others of `b`. */
const documents = {
  sheets: [1, 2, 3, 4, 5, 6].map((i) => sheet(i, { title: `t${i}` }, [i % 2 === 1 ? 'a' : 'b'])),
};
const evil = 'evil.example';

describe('Who may not see something', () => {
  let service: Service;
  let proxy: AlteringProxy;
  before(async () => {
    proxy = new AlteringProxy(await engines.opensearch());
    service = await startService({
      plugin: herbarium,
      documents,
      sees: ({ subject }) => (subject === null ? ['a'] : ['a', 'b']),
      opensearchUrl: await proxy.start(),
    });
  });
  after(async () => {
    await service[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });

  const ann = { Authorization: 'ann' };

  it('is answered as if it were not there, after the same questions to the engine', async () => {
    const answered = async (id: string) => {
      await service.get(`/index/sheets/${id}`);
      proxy.clear();
      const { status, body } = await service.get(`/index/sheets/${id}`);
      return {
        status,
        text: JSON.stringify(body).replaceAll(id, 'ID'),
        searches: proxy.asked.filter((path) => path.startsWith('POST')),
      };
    };
    const notYours = await answered(idOf(2));
    expect(notYours).to.deep.equal(await answered(idOf(99)));
    expect(notYours.status).to.equal(404);
    expect((await service.get(`/index/sheets/${idOf(2)}`, ann)).status).to.equal(200);
  });

  it('does not get there by a cursor of somebody who may, in any order', async () => {
    for (const sort of ['title', 'entryId'])
      for (const order of ['asc', 'desc']) {
        const { body } = await service.get(`/index/sheets?size=2&sort=${sort}&order=${order}`, ann);
        const rest = await service.get(body.pagination.next.replace(service.url, '').replace('size=2', 'size=50'));
        expect([rest.status, rest.body.pagination.total]).to.deep.equal([200, 3]);
        for (const { entity_id } of rest.body.hits) expect(entity_id).to.be.oneOf([1, 3, 5].map(idOf));
      }
  });

  it('does not make others see what he wants by forwarding headers: nothing of them is in an answer that may be stored', async () => {
    const forwarding = {
      'X-Forwarded-Host': evil,
      'X-Forwarded-Server': evil,
      'X-Forwarded-Prefix': `/${evil}`,
      'X-Original-URL': `/${evil}`,
      Forwarded: `host=${evil};proto=https`,
    };
    for (const path of ['/', '/openapi', '/index/sheets?size=1', '/index/catalogs', '/index/summary']) {
      const { headers, body } = await service.get(path, forwarding);
      expect([path, JSON.stringify(body).includes(evil), JSON.stringify([...headers]).includes(evil)]).to.deep.equal([
        path,
        false,
        false,
      ]);
    }
  });

  it('does not by the header Host either: where it shows, the answer is not stored, or for that host alone', async () => {
    const wire = wireTo(service.url);
    for (const path of ['/openapi', '/index/sheets?size=1', '/']) {
      const { headers, body } = await wire.send({ method: 'GET', path, headers: { Host: evil }, body: undefined });
      if (!JSON.stringify(body).includes(evil)) continue;
      const isForHost = /\bHost\b/i.test(String(headers.vary ?? ''));
      expect([path, isForHost || headers['cache-control'] === 'no-store']).to.deep.equal([path, true]);
    }
    wire.close();
  });
});
