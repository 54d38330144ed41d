import { expect } from 'chai';
import { pino } from 'pino';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { expedition, herbarium, sheet } from '../rigs/models/herbarium.ts';
import { startService } from '../rigs/service/harness.ts';

const documents = {
  sheets: [1, 2].map((n) => sheet(n, { title: `t${n}` }, ['a'])),
  expeditions: [expedition(101, { country: 'Norway' }, ['a'])],
};
const [bad, good] = documents.sheets.map(({ entity_id }) => entity_id);

/** Fails for one document. */
const faulty: MetadataPlugin = {
  ...herbarium,
  present(document, context) {
    if (document.entity_id === bad) throw new TypeError('x is not a function');
    return herbarium.present(document, context);
  },
};

describe('A plug-in that can not present a document', () => {
  it('fails the requests for that one, and the log names plug-in and document', async () => {
    const lines: string[] = [];
    const logger = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) });
    await using service = await startService({ plugin: faulty, documents, deps: { logger } });
    const failed = {
      status: 500,
      body: { Code: 'InternalServerError', Message: 'An internal server error occurred.' },
    };
    for (const path of [`/index/sheets/${bad}`, '/index/sheets']) {
      const { status, body } = await service.get(path);
      expect({ status, body }, path).to.deep.equal(failed);
    }
    expect(lines).to.have.length(2);
    for (const line of lines)
      expect(line).to.contain(
        `Plug-in '${herbarium.name}' can't present sheets/${bad}: TypeError: x is not a function`,
      );
    expect((await service.get(`/index/sheets/${good}`)).status).to.equal(200);
    expect((await service.get('/index/expeditions')).status).to.equal(200);
  });
});
