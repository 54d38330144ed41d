import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { main } from '../../cli/program.ts';
import { noLogger } from '../../core/runtime/logger.ts';
import { ensureHmacKey, followHmacKeys, type HmacKeys, newHmacKey, readHmacKeys } from '../../ingest/hmac-key.ts';
import { replaceHmacKeys } from '../../ingest/hmac-key-file.ts';
import { settingsIn } from '../rigs/cli/lazuli.ts';
import { printed } from '../rigs/cli/printed.ts';

describe('keys of notifications', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lazuli-keys-'));
  after(() => rmSync(folder, { recursive: true }));
  const [a, b] = [newHmacKey(), newHmacKey()];
  const keyFile = (name: string, text: object): string => {
    const file = join(folder, name);
    writeFileSync(file, JSON.stringify(text));
    return file;
  };

  it('are one or two, in file or variable', () => {
    expect(readHmacKeys(keyFile('one.json', a), {})).to.deep.equal({ current: a, other: null });
    expect(readHmacKeys(keyFile('two.json', { ...a, other: b }), {})).to.deep.equal({ current: a, other: b });
    const LAZULI_HMAC_KEY = JSON.stringify({ ...b, other: a });
    expect(readHmacKeys('/none', { LAZULI_HMAC_KEY })).to.deep.equal({ current: b, other: a });
  });

  const wrong: readonly [what: string, text: object][] = [
    ['one id for both', { ...a, other: { ...b, key_id: a.key_id } }],
    ['one key for both', { ...a, other: { ...a, key_id: 'x' } }],
    ['a key that can be guessed', { ...a, other: { key: 'geheim', key_id: 'x' } }],
    ['three keys', { ...a, other: { ...b, other: newHmacKey() } }],
    ['an id that no header can hold', { ...a, key_id: 'a"b' }],
    ['an id with a comma', { ...a, key_id: 'a,b' }],
  ];
  for (const [what, text] of wrong)
    it(`are refused with ${what}, and not shown`, () => {
      expect(() => readHmacKeys(keyFile('wrong.json', text), {}))
        .to.throw(/can't be used/)
        .that.satisfies(({ code, message }: { code: string; message: string }) => {
          return code === 'configuration_invalid' && !message.includes(a.key) && !message.includes('geheim');
        });
    });

  it('are read again when their file has changed, and stay while it can not be read', () => {
    const file = keyFile('followed.json', a);
    const logged: string[] = [];
    const log = (_fields: object, message: string) => void logged.push(message);
    const keys = followHmacKeys(file, { ...noLogger, info: log, error: log }, {});
    const [one, two]: HmacKeys[] = [
      { current: a, other: null },
      { current: a, other: b },
    ] as const;
    expect(keys()).to.deep.equal(one);
    replaceHmacKeys(file, one as HmacKeys, two as HmacKeys, {});
    expect(keys()).to.deep.equal(two);
    writeFileSync(file, '{"key":');
    expect(keys()).to.deep.equal(two);
    rmSync(file);
    expect(keys()).to.deep.equal(two);
    writeFileSync(file, JSON.stringify(b));
    expect([keys(), keys()]).to.deep.equal([
      { current: b, other: null },
      { current: b, other: null },
    ]);
    expect(logged.map((message) => /can not be read/.test(message))).to.deep.equal([false, true, true, false]);
  });

  it('are replaced whole, by one at a time, for their owner only', () => {
    const file = join(folder, 'replaced.json');
    const known = { current: ensureHmacKey(file), other: null };
    expect(() => replaceHmacKeys(file, { current: a, other: null }, { current: b, other: null }, {})).to.throw(
      /have changed meanwhile/,
    );
    writeFileSync(`${file}.next`, '');
    expect(() => replaceHmacKeys(file, known, { current: a, other: b }, {})).to.throw(/Somebody else/);
    rmSync(`${file}.next`);
    expect(() => replaceHmacKeys(file, known, known, { LAZULI_HMAC_KEY: 'x' })).to.throw(/LAZULI_HMAC_KEY/);
    replaceHmacKeys(file, known, { current: a, other: b }, {});
    expect(readHmacKeys(file, {})).to.deep.equal({ current: a, other: b });
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    expect(readdirSync(folder)).not.to.include('replaced.json.next');
  });

  it('are rotated by commands, step by step, and never shown', async () => {
    const settings = { ...settingsIn(folder), hmacKeyFile: join(folder, 'rotated.json') };
    const { hmacKeyFile: file } = settings;
    const config = keyFile('lazuli.json', settings);
    const first = ensureHmacKey(file);
    const run = async (step: string) => {
      const { lines, output } = printed();
      const code = await main(['hmac-key', step, '--config', config, '--json'], output);
      return code === 0 ? JSON.parse(lines.out.join('\n')) : code;
    };
    expect(await run('list')).to.deep.equal({ current: first.key_id, other: null });
    expect([await run('switch'), await run('retire')]).to.deep.equal([1, 1]);
    const { other } = await run('add');
    expect(await run('add')).to.equal(1);
    expect(await run('switch')).to.deep.equal({ current: other, other: first.key_id });
    expect(readHmacKeys(file, {})).to.have.nested.property('other.key', first.key);
    expect(await run('retire')).to.deep.equal({ current: other, other: null });
    const { lines, output } = printed();
    await main(['hmac-key', 'list', '--config', config], output);
    expect(lines.out.join()).to.include(`${other}  signs`).and.not.include(readHmacKeys(file, {}).current.key);
  });
});
