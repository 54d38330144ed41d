import { expect } from 'chai';
import { LazuliError } from '../../core/config/errors.ts';
import { parseRequest, recordData } from '../../ingest/request.ts';

const uuid = '56a338fe-7554-4b5d-96a2-7df127a7640b';

/** A notification with something of that depth inside that nobody looks at. */
const nested = (depth: number) =>
  Buffer.from(`{"bundle_fqid": {"uuid": "${uuid}", "version": "1"}, "more": ${'['.repeat(depth)}${']'.repeat(depth)}}`);

describe('a notification that is nested deeply', () => {
  it('is taken as far as it can be forwarded', () => {
    const record = parseRequest('hca', 'add', nested(100));
    expect(JSON.parse(Buffer.from(recordData(record)).toString())).to.deep.equal(record);
  });

  it('is refused where it can not be written again', () => {
    expect(() => recordData(parseRequest('hca', 'add', nested(200_000))))
      .to.throw(LazuliError, 'nested too deeply')
      .with.property('code', 'bad_request');
  });
});
