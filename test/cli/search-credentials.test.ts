import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { clusterHealth } from '../../cli/engines/opensearch.ts';
import { freePair } from '../../cli/engines/ports.ts';
import { lazuli, temporaryFolder } from '../rigs/cli/lazuli.ts';

describe('Credentials in OPENSEARCH_URL', () => {
  it('are sent, as `lazuli up` looks whether the server is there', async () => {
    const server = createServer(({ url, headers: { authorization } }, response) => {
      const known = authorization === `Basic ${Buffer.from('ann:p@ss').toString('base64')}`;
      const health = { cluster_name: `a${url}`, status: 'green', number_of_nodes: 1 };
      response.writeHead(known ? 200 : 401).end(JSON.stringify(health));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const health = { name: 'a/_cluster/health', status: 'green', nodes: 1 };
    for (const end of ['', '/']) expect(await clusterHealth(`http://ann:p%40ss@${at}${end}`)).to.deep.equal(health);
    expect(await clusterHealth(`http://ann:wrong@${at}`)).to.equal(null);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('are never printed', async () => {
    for (const url of ['http://ann:p4ssw0rd@127.0.0.1:1', 'http//ann:p4ssw0rd@nowhere']) {
      using folder = temporaryFolder();
      const args = ['up', '--data', folder.path, '--generate', '1', '--port', String(await freePair())];
      const { code, out, err } = await lazuli(args, '', { OPENSEARCH_URL: url });
      expect(code).to.equal(1);
      expect(out + err).not.to.include('p4ssw0rd');
      expect(err).to.include('OPENSEARCH_URL names');
    }
  });
});
