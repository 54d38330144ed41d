import { expect } from 'chai';
import type { Settings } from '../../core/config/settings.ts';
import { noLogger } from '../../core/runtime/logger.ts';
import { startIngest } from '../../ingest/worker.ts';
import { startQuery } from '../../query/worker.ts';
import { startTransform } from '../../transform/worker.ts';
import { until } from '../rigs/until.ts';
import { ask, differences, indexedDocuments, none } from './indexed.ts';
import { Pipeline } from './pipeline.ts';
import { catalog } from './pipeline-settings.ts';
import { notifyOther, other, progressIn, withOther } from './two-catalogs.ts';

/** For what takes a moment on a machine that has nothing else to do. */
const patient = 90_000;
/** The only catalog, refused. */
function refusedAlone(settings: Settings): Settings {
  const { [other]: one } = withOther(settings, 'nowhere').catalogs;
  return one === undefined ? settings : { ...settings, catalogs: { [other]: one } };
}

const reasons = async (pipeline: Pipeline) => (await pipeline.letters()).map((one) => [one.catalog, one.reason]);

/** Those that the health of a service counts, as JSON. */
async function deadLettersIn(url: string): Promise<readonly string[]> {
  const { dead_letters: counts = [] } = await progressIn(url);
  return counts.map((one) => JSON.stringify(one));
}

describe('A catalog whose plug-in is refused', function () {
  this.timeout(300_000);

  it('stops alone and says why; its notifications wait, and are done once it is mended', async () => {
    await using pipeline = await Pipeline.open();
    const wrong = withOther(pipeline.settings, 'nowhere');
    await pipeline.startTransform(wrong);
    await pipeline.startIngest(wrong);
    await notifyOther(pipeline, pipeline.world.notifications.slice(0, 3));
    await pipeline.notify();
    await pipeline.settled(patient, other);
    expect(differences(await pipeline.documents(), await pipeline.world.expected())).to.deep.equal(none);
    const status = (await ask(pipeline.url('transform'), 'GET', '/status')) as {
      catalogs: Record<string, { state: string; pause: { code: string; reason: string } }>;
    };
    const { state, pause } = status.catalogs[other] ?? {};
    expect({ state, code: pause?.code }).to.deep.equal({ state: 'paused', code: 'configuration_invalid' });
    expect(pause?.reason).to.contain("There is no metadata plug-in 'nowhere'");
    expect(await ask(pipeline.url('ingest'), 'GET', '/status')).to.have.nested.property(`refused.${other}`);
    expect(await reasons(pipeline)).to.deep.equal(Array(3).fill([other, 'catalog_refused']));
    const service = await startQuery({ ...wrong, http: { ...wrong.http, query: 0, metrics: 0 } }, { logger: noLogger });
    const answers = [catalog, other].map((name) => fetch(`${service.url}/index/summary?catalog=${name}`));
    const answered = await Promise.all(answers);
    expect(answered.map((answer) => answer.status)).to.deep.equal([200, 503]);
    expect(await answered[1]?.json())
      .to.have.property('Message')
      .that.contains(`Catalog '${other}' can't be served`);
    const counted = { stage: 'ingest', catalog: other, count: 3 };
    await until(async () => (await deadLettersIn(service.url)).join() === JSON.stringify(counted), patient);
    const metrics = await (await fetch(`${service.metricsUrl}/metrics`)).text();
    expect(metrics).to.match(/^lazuli_dead_letters\{stage="ingest",catalog="other"\} 3$/m);
    expect(metrics).to.match(/^lazuli_dead_letters\{stage="transform",catalog="hca"\} 0$/m);
    await service.stop();

    for (const role of ['ingest', 'transform'] as const) await pipeline.stop(role);
    const mended = withOther(pipeline.settings, pipeline.world.plugin.name);
    await pipeline.startTransform(mended);
    await pipeline.startIngest(mended);
    await pipeline.letterless();
    await pipeline.settled(patient);
    const { opensearch, settings } = pipeline;
    expect((await indexedDocuments(opensearch, settings.deployment, other)).size).to.be.above(0);
  });

  it('ends the process where there is no other', async () => {
    await using pipeline = await Pipeline.open();
    const settings = refusedAlone(pipeline.settings);
    for (const start of [startTransform, startIngest, startQuery]) {
      const error = await start(settings, { logger: noLogger }).catch((thrown: unknown) => thrown);
      expect(error).to.include({ code: 'configuration_invalid' });
    }
  });
});
