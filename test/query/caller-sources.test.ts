import { expect } from 'chai';
import { accessRules } from '../../core/config/access-rules.ts';
import { LazuliError } from '../../core/config/errors.ts';
import { Credential, type Identity } from '../../core/model/authentication.ts';
import type { Repository } from '../../core/model/repository.ts';
import { CallerSources } from '../../query/http/caller-sources.ts';

const listed = ['a', 'b', 'c'].map((id) => ({ id, spec: `herbarium:${id}-notes:` }));
const ann: Identity = { subject: 'ann', groups: ['lung'], credential: new Credential('token-of-ann') };
const anonymous: Identity = { subject: null };

describe('The sources of a caller', () => {
  let now: number;
  let asked: (string | null)[];
  let sees: readonly string[];
  let failing: Error | undefined;
  let answering: Promise<void>;
  beforeEach(() => {
    now = 1_700_000_000_000;
    [asked, sees, failing, answering] = [[], ['a', 'b'], undefined, Promise.resolve()];
  });

  const repository = {
    listSources: async () => listed,
    accessibleSources: async ({ subject }: Identity) => {
      asked.push(subject);
      const seen = sees;
      await answering;
      if (failing !== undefined) throw failing;
      return new Set(seen);
    },
  } as Partial<Repository> as Repository;
  const open = (more: Partial<Repository> = {}, rules?: object) =>
    new CallerSources({
      repository: { ...repository, ...more },
      rules: rules === undefined ? undefined : accessRules.parse({ sources: rules }),
      now: () => now,
    });
  const idsOf = async (work: Promise<ReadonlySet<string>>) => [...(await work)];
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'no error',
      ({ code }) => code,
    );

  it('are asked for once a minute for each caller, credential and group', async () => {
    const callers = open();
    const others: readonly Identity[] = [
      ...[anonymous, { ...ann, subject: 'bob' }, { ...ann, groups: ['lung', 'kidney'] }],
      { ...ann, credential: new Credential('another token of hers') },
    ];
    for (let i = 0; i < 3; i++) for (const caller of [ann, ...others]) await callers.of(caller);
    expect(asked.length).to.equal(5);
    sees = ['c'];
    now += 59_999;
    expect(await idsOf(callers.of(ann))).to.deep.equal(['a', 'b']);
    now += 1;
    expect(await idsOf(callers.of(ann))).to.deep.equal(['c']);
    now -= 3_600_000;
    sees = [];
    expect(await idsOf(callers.of(ann))).to.deep.equal([]);
  });

  it('are asked for once by those who ask at the same time', async () => {
    const callers = open();
    await Promise.all(Array.from({ length: 20 }, () => callers.of(ann)));
    expect(asked).to.deep.equal(['ann']);
  });

  it('hold no longer than the credential', async () => {
    const callers = open();
    const brief = { ...ann, expires: now + 10_000 };
    await callers.of(brief);
    now += 10_000;
    sees = [];
    expect(await idsOf(callers.of(brief))).to.deep.equal([]);
  });

  it('are those of this moment for who asks so, and from then on', async () => {
    const callers = open();
    await callers.of(ann);
    sees = ['c'];
    expect(await idsOf(callers.now(ann))).to.deep.equal(['c']);
    expect(await idsOf(callers.of(ann))).to.deep.equal(['c']);
    expect(asked.length).to.equal(2);
  });

  it('are what was asked for last, whichever is answered first', async () => {
    const callers = open();
    const slow = Promise.withResolvers<void>();
    answering = slow.promise;
    const before = callers.of(ann);
    answering = Promise.resolve();
    now += 1;
    sees = [];
    await callers.now(ann);
    slow.resolve();
    expect(await idsOf(before)).to.deep.equal(['a', 'b']);
    expect(await idsOf(callers.of(ann))).to.deep.equal([]);
  });

  it('are not remembered where the repository answers at once, or fails', async () => {
    const local = open({ answersAtOnce: true });
    for (let i = 0; i < 3; i++) await local.of(ann);
    expect(asked.length).to.equal(3);
    const remote = open();
    failing = new Error('down');
    for (let i = 0; i < 2; i++) expect(await codeOf(remote.of(ann))).to.equal('unavailable');
    failing = undefined;
    expect(await idsOf(remote.of(ann))).to.deep.equal(['a', 'b']);
  });

  it('are refused as the repository refuses them, and forgotten then', async () => {
    const callers = open();
    await callers.of(ann);
    for (const code of ['unauthorized', 'too_many_requests', 'repository_inconsistent'] as const) {
      failing = new LazuliError(code, 'no');
      expect(await codeOf(callers.now(ann))).to.equal(code);
    }
    failing = new LazuliError('repository_unavailable', 'no');
    expect(await codeOf(callers.of(ann))).to.equal('unavailable');
  });

  it('are held for many callers within a bound', async () => {
    sees = Array.from({ length: 1_000 }, (_, i) => `source ${i}`);
    const callers = open();
    for (let i = 0; i < 300; i++) await callers.of({ subject: `caller ${i}` });
    await callers.of({ subject: 'caller 299' });
    expect(asked.length).to.equal(300);
    await callers.of({ subject: 'caller 0' });
    expect(asked.length).to.equal(301);
  });

  describe('with rules', () => {
    const seenBy = async (caller: Identity, rules: object) => idsOf(open({}, rules).of(caller));

    it('are those that every rule leaves which names them, by id or spec', async () => {
      const rules = { 'herbarium:b-*': { groups: ['lung', 'heart'] } };
      expect(await seenBy(ann, rules)).to.deep.equal(['a', 'b']);
      expect(await seenBy({ subject: 'bob', groups: ['kidney'] }, rules)).to.deep.equal(['a']);
      expect(await seenBy(anonymous, rules)).to.deep.equal(['a']);
      expect(await seenBy(ann, { ...rules, '?': { groups: ['kidney'] } })).to.deep.equal([]);
      expect(await seenBy(ann, { b: { subjects: ['ann'], groups: ['kidney'] } })).to.deep.equal(['a', 'b']);
      expect(await seenBy(ann, { '*': { subjects: ['Ann'] } })).to.deep.equal([]);
    });

    it('are never more than those that the repository shows', async () => {
      expect(await seenBy(ann, { c: { groups: ['lung'] } })).to.deep.equal(['a', 'b']);
      // What is none of the catalog's no rule can know.
      sees = ['a', 'of another catalog'];
      expect(await seenBy(ann, { a: { groups: ['lung'] } })).to.deep.equal(['a']);
    });

    it('need somebody whom they let in', () => {
      for (const rule of [{}, { groups: [] }, { subjects: [''] }, { group: ['lung'] }])
        expect(() => accessRules.parse({ sources: { '*': rule } }), JSON.stringify(rule)).to.throw();
    });
  });
});
