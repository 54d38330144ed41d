import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect } from 'chai';
import { freePort, freePorts, isFree, requireFree } from '../../cli/engines/ports.ts';
import type { LazuliError } from '../../core/config/errors.ts';

describe('ports', () => {
  it('are free when nobody listens', async () => {
    expect(await isFree(await freePort())).to.equal(true);
  });

  it('are none that an outgoing connection could get before they are used', async () => {
    expect(await freePort()).to.be.below(32_768);
  });

  it('are all different when several are asked for, and none of those that are spoken for', async () => {
    const spoken = await freePort();
    const found = await freePorts(5, [spoken]);
    expect(new Set([...found, spoken]).size).to.equal(6);
  });

  it('that are all taken are an error', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const refused = (await freePort({ first: port, last: port }).catch((error: unknown) => error)) as LazuliError;
    server.close();
    expect(refused.code).to.equal('in_use');
  });

  it('that are taken are named with a remedy', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await isFree(port)).to.equal(false);
    const refused = (await requireFree(port, 'the service').catch((error: unknown) => error)) as LazuliError;
    expect(refused.code).to.equal('in_use');
    expect(refused.message).to.equal(`Port ${port}, for the service, is taken by another process.`);
    expect(refused.remedy).to.include('--port');
    server.close();
  });
});
