import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { exportSecret } from '../../../core/exports/secret.ts';
import { temporaryFolder } from '../../rigs/streams/recording.ts';

const long = 'x'.repeat(32);

describe('The key of exports', () => {
  it('is made once, for its owner only, where none is given', async () => {
    await using folder = await temporaryFolder();
    const place = { keyFile: undefined, stateFolder: join(folder.path, 'state') };
    const all = await Promise.all(Array.from({ length: 5 }, () => exportSecret(place, {})));
    expect(new Set(all.map((one) => Buffer.from(one).toString('hex'))).size).to.equal(1);
    const file = join(place.stateFolder, 'export-key');
    expect((await readFile(file, 'utf8')).trim()).to.equal(Buffer.from(await exportSecret(place, {})).toString());
    expect((await stat(file)).mode & 0o077).to.equal(0);
  });

  it('is what the environment says, else what the settings name', async () => {
    await using folder = await temporaryFolder();
    const keyFile = join(folder.path, 'key');
    await writeFile(keyFile, `${long}\n`);
    const place = { keyFile, stateFolder: folder.path };
    expect(Buffer.from(await exportSecret(place, {})).toString()).to.equal(long);
    const given = 'y'.repeat(40);
    expect(Buffer.from(await exportSecret(place, { LAZULI_EXPORT_KEY: given })).toString()).to.equal(given);
  });

  it('is refused where it is short, missing, or everybody may write it, and never shown', async () => {
    await using folder = await temporaryFolder();
    const keyFile = join(folder.path, 'key');
    const refused = (environment = {}) =>
      exportSecret({ keyFile, stateFolder: folder.path }, environment).catch((error) => error);
    expect(await refused()).to.include({ code: 'configuration_invalid' });
    await writeFile(keyFile, 'too short');
    expect(await refused()).to.include({ code: 'configuration_invalid' });
    expect((await refused()).message).to.not.include('too short');
    await writeFile(keyFile, long);
    await chmod(keyFile, 0o666);
    expect((await refused()).message).to.match(/everybody may write it/);
  });
});
