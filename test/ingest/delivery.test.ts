import { expect } from 'chai';
import { LazuliError } from '../../core/config/errors.ts';
import { redrivenNotification } from '../../ingest/dead-letter.ts';
import { decodeNotification } from '../../ingest/notification.ts';
import { fqid } from '../rigs/models/toy.ts';
import { Rig } from './rig.ts';

const bundle = (name: string) => ({ things: [{ id: 'a', name }] });

describe('ingest', () => {
  let rig: Rig;
  let fault: (point: string) => void;
  beforeEach(() => {
    fault = () => {};
    rig = new Rig({ fault: (point) => fault(point) });
    for (let n = 0; n < 40; n++) rig.repository.put(fqid(n), bundle(String(n)));
  });
  afterEach(() => rig.dispose());

  it('writes tables, then the manifest, then the pointer, then the checkpoint', async () => {
    await rig.process([rig.record('add', fqid(1))]);
    expect(rig.log).to.deep.equal([
      'ingest.fetched',
      'ingest.tables-written',
      'ingest.manifest-written',
      'ingest.pointer-put',
      'ingest.checkpointed',
    ]);
    expect(rig.meter.counts).to.deep.equal({ read: 1, staged: 1, deadLettered: 0, batches: 1 });
  });

  it('stages deletions and restores as rows, and fetches nothing', async () => {
    const adding = [rig.record('add', fqid(1)), rig.record('delete', fqid(1))];
    await rig.process([rig.record('delete', fqid(99)), ...adding, rig.record('restore', fqid(99))]);
    expect(rig.repository.fetched).to.deep.equal([fqid(1).uuid]);
    const columns = 'action, bundle_uuid, number, attributes, content_hash = $$ AS hashless';
    expect(await rig.query(`SELECT ${columns.replace('$$', "''")} FROM $bundles ORDER BY ALL`)).to.deep.equal([
      {
        action: 'add',
        bundle_uuid: fqid(1).uuid,
        number: 0,
        attributes: '{"drs_domain":"drs.example"}',
        hashless: false,
      },
      { action: 'delete', bundle_uuid: fqid(1).uuid, number: 1, attributes: '{}', hashless: true },
      { action: 'delete', bundle_uuid: fqid(99).uuid, number: 1, attributes: '{}', hashless: true },
      { action: 'restore', bundle_uuid: fqid(99).uuid, number: 1, attributes: '{}', hashless: true },
    ]);
    expect(await rig.query('SELECT count(DISTINCT bundle)::INT AS n FROM $bundles')).to.deep.equal([{ n: 4 }]);
  });

  it('does not believe what a notification says of a source: what contradicts the repository is a dead letter', async () => {
    const other = { ...fqid(1), source: { ...fqid(1).source, spec: 'total nonsense' } };
    await rig.process([rig.record('add', other), rig.record('add', fqid(1)), rig.record('add', other)]);
    const stored = await rig.query('SELECT source_id, source_spec FROM $bundles');
    expect(stored).to.deep.equal([{ source_id: fqid(1).source.id, source_spec: fqid(1).source.spec }]);
    expect(rig.letters.map(({ reason }) => reason)).to.deep.equal(['source_contradicted', 'source_contradicted']);
    const { uuid, version } = fqid(1);
    expect(rig.letters[0]?.place).to.deep.equal({ bundle: `${uuid}.${version}` });
    expect(rig.letters[0]?.message).to.contain('total nonsense').and.to.contain(fqid(1).source.spec);
  });

  it('throws away what an operator has purged, and passes it', async () => {
    const [first, second] = [rig.record('add', fqid(1)), rig.record('add', fqid(2))];
    rig.purgedUntil = rig.time;
    rig.time += 1;
    await rig.process([first, second, rig.record('delete', fqid(3))]);
    expect(await rig.query('SELECT bundle_uuid FROM $bundles')).to.deep.equal([{ bundle_uuid: fqid(3).uuid }]);
    expect(rig.checkpoints).to.deep.equal(['3']);
    rig.purgedUntil = rig.time;
    await rig.process([rig.record('add', fqid(4))]);
    expect(rig.checkpoints).to.deep.equal(['3', '4']);
    expect(rig.letters).to.deep.equal([]);
  });

  it('stages a repeated notification once, but a copy that has changed as well', async () => {
    await rig.process([rig.record('add', fqid(1)), rig.record('add', fqid(1)), rig.record('delete', fqid(1))], 1000);
    rig.repository.put(fqid(1), bundle('changed'));
    await rig.process([rig.record('add', fqid(1)), rig.record('delete', fqid(1))], 0);
    expect(await rig.query('SELECT action FROM $bundles ORDER BY 1')).to.deep.equal([
      { action: 'add' },
      { action: 'add' },
      { action: 'delete' },
    ]);
    expect(await rig.query('SELECT name FROM $things ORDER BY 1')).to.deep.equal([{ name: '1' }, { name: 'changed' }]);
    expect(rig.checkpoints).to.deep.equal(['5']);
  });

  it('identifies a staged copy by what it is, not by when it was staged', async () => {
    await rig.process([rig.record('add', fqid(1))]);
    rig.restart();
    await rig.process([rig.record('add', fqid(1))]);
    const sql = 'SELECT count(*)::INT AS rows, count(DISTINCT bundle)::INT AS copies FROM $bundles WHERE bundle > 0';
    expect(await rig.query(sql)).to.deep.equal([{ rows: 2, copies: 1 }]);
  });

  for (const point of ['ingest.fetched', 'ingest.tables-written', 'ingest.manifest-written', 'ingest.pointer-put']) {
    it(`goes on where it was when it failed at ${point} and gets the same records again`, async () => {
      const records = [rig.record('add', fqid(1)), rig.record('add', fqid(2))];
      fault = (reached) => {
        if (reached !== point) return;
        fault = () => {};
        throw new Error('stopped');
      };
      const error = await rig.process(records).catch((thrown: Error) => thrown);
      expect([error?.message, rig.checkpoints]).to.deep.equal(['stopped', []]);
      await rig.process(records);
      const manifests = await rig.manifests();
      expect(manifests.map(({ bundles }) => bundles.length)).to.deep.equal([2]);
      expect(new Set(rig.pointers.map(({ batch }) => batch)).size).to.equal(1);
      expect([rig.checkpoints, rig.meter.counts.read]).to.deep.equal([['2'], 2]);
    });
  }

  it('pauses while the repository is down: it dead-letters nothing and loses nothing', async () => {
    const records = [1, 2, 3].map((n) => rig.record('add', fqid(n)));
    rig.repository.put(fqid(2), new LazuliError('repository_unavailable', 'down'));
    for (let attempt = 0; attempt < 3; attempt++) {
      const error = await rig.process(records).catch((thrown: LazuliError) => thrown);
      expect(error).to.have.property('code', 'repository_unavailable');
    }
    rig.repository.put(fqid(2), bundle('2'));
    await rig.process(records);
    expect([rig.letters, (await rig.manifests()).flatMap(({ bundles }) => bundles.length)]).to.deep.equal([[], [3]]);
    expect(rig.checkpoints).to.deep.equal(['3']);
  });

  it('tries three times what failed for an unknown reason, then dead-letters it', async () => {
    rig.repository.put(fqid(1), new Error('socket hang up'));
    await rig.process([0, 1, 2].map((n) => rig.record('add', fqid(n))));
    expect(rig.repository.fetched.filter((uuid) => uuid === fqid(1).uuid).length).to.equal(3);
    expect(rig.letters.map(({ reason, message }) => [reason, message])).to.deep.equal([
      ['repository_unavailable', 'Error: socket hang up'],
    ]);
    expect((await rig.manifests()).map(({ bundles }) => bundles.length)).to.deep.equal([2]);
    expect(rig.checkpoints).to.deep.equal(['3']);
  });

  it('takes twenty such failures in a row for a systemic fault: it pauses and dead-letters nothing', async () => {
    for (let n = 0; n < 20; n++) rig.repository.put(fqid(n), new Error('socket hang up'));
    const records = Array.from({ length: 30 }, (_, n) => rig.record('add', fqid(n)));
    const error = await rig.process(records).catch((thrown: LazuliError) => thrown);
    expect(error).to.have.property('disposition', 'pause');
    expect([rig.letters, rig.checkpoints]).to.deep.equal([[], []]);
    for (let n = 0; n < 20; n++) rig.repository.put(fqid(n), bundle(String(n)));
    await rig.process(records);
    expect([rig.letters, rig.checkpoints]).to.deep.equal([[], ['30']]);
    expect((await rig.manifests()).map(({ bundles }) => bundles.length)).to.deep.equal([30]);
  });

  it('dead-letters what is no notification, names no catalog, or is not in the repository', async () => {
    const { uuid, version } = fqid(1);
    const sourceless = { action: 'add', catalog: 'toys', number: 0, notification: { bundle_fqid: { uuid, version } } };
    const records = [
      rig.raw(Buffer.from('not JSON \xff', 'latin1')),
      rig.raw(Buffer.from(JSON.stringify(sourceless))),
      rig.record('add', fqid(1), 'nowhere'),
      rig.record('add', fqid(77)),
    ];
    await rig.process(records);
    const letters = rig.letters.map(({ catalog, kind, stage, reason, place }) => ({
      catalog,
      kind,
      stage,
      reason,
      place,
    }));
    const common = { kind: 'notification', stage: 'ingest' };
    expect(letters).to.deep.equal([
      { ...common, catalog: null, reason: 'record_malformed', place: {} },
      { ...common, catalog: null, reason: 'record_malformed', place: {} },
      { ...common, catalog: 'nowhere', reason: 'record_malformed', place: {} },
      { ...common, catalog: 'toys', reason: 'bundle_missing', place: { bundle: `${fqid(77).uuid}.${version}` } },
    ]);
    expect(rig.letters[1]?.message).to.match(/notification\.bundle_fqid\.source/);
    expect(rig.checkpoints).to.deep.equal(['4']);
    const redriven = rig.letters.map(({ payload }) => redrivenNotification(payload));
    expect(redriven.slice(0, 2).map(({ data }) => Buffer.from(data))).to.deep.equal(
      records.slice(0, 2).map(({ data }) => Buffer.from(data)),
    );
    const last = redriven[3]?.data ?? new Uint8Array();
    expect(decodeNotification(last)).to.deep.equal(decodeNotification(records[3]?.data ?? last));
  });

  it('gives repetitions of a dead notification the same identity', async () => {
    await rig.process([rig.record('add', fqid(77)), rig.record('add', fqid(77)), rig.record('delete', fqid(77))]);
    expect(new Set(rig.letters.map(({ identity }) => identity)).size).to.equal(1);
    expect(rig.letters.length).to.equal(2);
  });
});
