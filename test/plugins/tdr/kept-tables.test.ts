import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { LazuliError } from '../../../core/config/errors.ts';
import { KeptTables } from '../../../plugins/repository/tdr/tables/kept-tables.ts';
import type { SnapshotRef, TableSource } from '../../../plugins/repository/tdr/tables/tables.ts';
import { patient } from '../../signals.ts';

const snapshot = (n: number): SnapshotRef => ({
  ...{ id: `${n}a1c0000-0000-4000-8000-000000000000`, name: `snapshot_${n}`, project: 'project' },
});
const kilo = 'x'.repeat(1024);

describe('Tables of snapshots that were brought here', () => {
  let folder: string;
  let brought: string[];
  let failing: string | null;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lazuli-kept-'));
    brought = [];
    failing = null;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const source: TableSource = {
    async bring({ name }, into) {
      for (const table of ['donor', 'links']) {
        if (into.has(table)) continue;
        await into.add(table, async (own) => {
          writeFileSync(join(own, `${table}-0.parquet`), kilo);
          if (table === failing) throw new Error('gone away');
          brought.push(`${name}.${table}`);
        });
      }
    },
  };
  const kept = (maxBytes = 2 ** 20) => new KeptTables({ folder, maxBytes, source });
  const inside = (): readonly string[] => readdirSync(join(folder, 'lazuli-tables')).sort();

  it('are brought once, and again where they are damaged; whoever wants them at the same time waits', async () => {
    const [one, other] = await Promise.all([kept().hold(snapshot(1), patient), kept().hold(snapshot(1), patient)]);
    expect(brought).to.deep.equal(['snapshot_1.donor', 'snapshot_1.links']);
    expect([...one.files.keys()]).to.deep.equal(['donor', 'links']);
    const [file = ''] = one.files.get('links') ?? [];
    expect(readFileSync(file, 'utf8')).to.equal(kilo);
    await one.release();
    await other.release();
    expect(inside()).to.deep.equal([snapshot(1).id]);
    truncateSync(file, 1);
    const again = await kept().hold(snapshot(1), patient);
    expect(brought.slice(2)).to.deep.equal(['snapshot_1.links']);
    await again.release();
  });

  it('go on where an attempt ended', async () => {
    failing = 'links';
    const error = await kept()
      .hold(snapshot(1), patient)
      .catch(({ message }: Error) => message);
    expect(error).to.equal('gone away');
    failing = null;
    const own = join(folder, 'lazuli-tables', snapshot(1).id);
    // What a process left that died: its lock and what it had begun.
    writeFileSync(`${own}.lock`, String(process.pid));
    await (await kept().hold(snapshot(1), patient)).release();
    expect(brought).to.deep.equal(['snapshot_1.donor', 'snapshot_1.links']);
    expect(readdirSync(own).sort()).to.deep.equal(['complete.json', 'donor', 'links']);
  });

  it('have a bound together: those that nobody uses make room, and nothing goes beyond', async () => {
    const tables = kept(5 * 1024);
    const used = await tables.hold(snapshot(1), patient);
    await (await tables.hold(snapshot(2), patient)).release();
    expect(inside().filter((name) => !name.includes('.'))).to.deep.equal([snapshot(1).id, snapshot(2).id]);
    await (await tables.hold(snapshot(3), patient)).release();
    expect(existsSync([...used.files.values()].flat()[0] ?? '')).to.equal(true);
    expect(inside().filter((name) => !name.includes('.'))).to.deep.equal([snapshot(1).id, snapshot(3).id]);
    const refused = await kept(2 ** 10)
      .hold(snapshot(4), patient)
      .catch(({ code, message }: LazuliError) => `${code}: ${message}`);
    expect(refused).to.match(/^repository_unavailable: Snapshot snapshot_4 .* there is no room/);
    await used.release();
  });
});
