import { expect } from 'chai';
import { Registry } from 'prom-client';
import { exportCheck, watchExports } from '../../query/manifests/watching.ts';
import { type Exporting, startExporting } from '../rigs/exports/exporting.ts';

describe('The making of manifests', () => {
  let scene: Exporting;
  beforeEach(async () => {
    scene = await startExporting();
  });
  afterEach(() => scene[Symbol.asyncDispose]());

  it('is up unless somebody waits and no worker is there', async () => {
    const check = exportCheck(async () => scene.exports);
    expect(await check()).to.deep.equal({
      ...{ up: true, unfinished: 0, running: 0, workers: 0, oldest_unfinished_seconds: 0, oldest_waiting_seconds: 0 },
    });
    await scene.service.send('PUT', '/manifest/files');
    scene.skew = 2_000;
    const alone = await check();
    expect([alone.up, alone.unfinished]).to.deep.equal([false, 1]);
    expect(alone.error).to.match(/is one running/);
    expect(alone.oldest_unfinished_seconds).to.be.within(2, 60);
    expect(alone.oldest_waiting_seconds).to.be.within(2, 60);
    await scene.exports.workers.tell('w', { at: scene.exports.clock.now(), running: 1 });
    expect(await check()).to.include({ up: true, unfinished: 1, running: 1, workers: 1 });
    scene.skew += 31_000;
    expect((await check()).up).to.equal(false);
  });

  it('is told in metrics, or nothing is where it can not be found out', async () => {
    const registry = new Registry();
    let open = async () => scene.exports;
    watchExports(() => open(), registry);
    await scene.service.send('PUT', '/manifest/files');
    const told = await registry.metrics();
    expect(told)
      .to.match(/^lazuli_export_jobs_unfinished 1$/m)
      .and.match(/^lazuli_export_workers 0$/m);
    expect(told)
      .to.match(/^lazuli_export_oldest_unfinished_seconds [\d.]+$/m)
      .and.match(/^lazuli_export_oldest_waiting_seconds [\d.]+$/m);
    open = () => Promise.reject(new Error('down'));
    expect(await registry.metrics()).to.not.match(/^lazuli_export_jobs_unfinished \d/m);
  });
});
