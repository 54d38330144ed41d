import { expect } from 'chai';
import * as fc from 'fast-check';
import type { Document } from '../../core/model/metadata.ts';
import { herbarium, idOf, sheet } from '../rigs/models/herbarium.ts';
import { type Service, withFilters } from '../rigs/service/harness.ts';
import { ChangingIndex } from './changing-index.ts';
import { type PlainFields, plainAnswer, plainList } from './plain-list.ts';

const fields: PlainFields = { title: ['sheets', 'title'], pressed: ['sheets', 'pressed'] };
const sources = ['a', 'b'];
/** Who calls says what it may see. */
const callers = ['', 'a', 'b', 'a b'];

const content = fc.record({
  title: fc.constantFrom('t0', '\ufefft0'),
  pressed: fc.boolean(),
  of: fc.subarray(sources, { minLength: 1 }),
});
const number = fc.integer({ min: 1, max: 4 });
const asking = fc.record({
  caller: fc.constantFrom(...callers),
  titles: fc.option(fc.subarray(['t0', '\ufefft0'], { minLength: 1 }), { nil: undefined }),
  size: fc.constantFrom(5, 6),
});
type Asking = typeof asking extends fc.Arbitrary<infer T> ? T : never;

/** What happens to an index and its readers, one after the other. */
export const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('write' as const), number, content }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('bury' as const), number }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('refresh' as const, 'merge' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('swap' as const, 'recreate' as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('ask' as const), all: fc.array(asking, { minLength: 1, maxLength: 4 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('race' as const),
      number,
      content,
      all: fc.array(asking, { minLength: 3, maxLength: 6 }),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** An index that changes, its readers, and what they may be told. */
export class Scene {
  readonly index: ChangingIndex;
  readonly #service: Service;
  readonly #forget: () => void;
  readonly #written = new Map<string, Document>();
  #visible: readonly Document[] = [];

  /** @param forget has the service ask which index serves */
  constructor(service: Service, forget: () => void) {
    this.#service = service;
    this.#forget = forget;
    this.index = indexOf(service);
  }

  async take(next: Step): Promise<void> {
    switch (next.kind) {
      case 'write':
        return this.#write(sheetOf(next));
      case 'bury':
        this.#written.delete(idOf(next.number));
        return this.index.write(idOf(next.number), null);
      case 'refresh':
        return this.#refresh();
      case 'merge':
        return this.#mergeAndRefresh();
      case 'swap':
      case 'recreate':
        this.#visible = [...this.#written.values()];
        await this.index.swap(this.#visible, next.kind === 'recreate');
        return this.#forget();
      case 'ask':
        await Promise.all(next.all.map((one) => this.#expect(one, [this.#visible])));
        return;
      case 'race':
        return this.#race(next);
    }
  }

  async #write(document: Document): Promise<void> {
    this.#written.set(document.entity_id, document);
    await this.index.write(document.entity_id, document);
  }

  async #refresh(): Promise<void> {
    await this.index.refresh();
    this.#visible = [...this.#written.values()];
  }

  /** A merge of what isn't visible makes it so. */
  async #mergeAndRefresh(): Promise<void> {
    await this.index.merge();
    await this.#refresh();
  }

  /** While a refresh is under way both states will do; afterwards the new one only. */
  async #race(next: Step & { kind: 'race' }): Promise<void> {
    await this.#write(sheetOf(next));
    const either = [this.#visible, [...this.#written.values()]];
    const asked = next.all.map((one) => this.#expect(one, either));
    await this.#refresh();
    const afterwards = next.all.map((one) => this.#expect(one, [this.#visible]));
    await Promise.all([...asked, ...afterwards]);
  }

  async #expect({ caller, titles, size }: Asking, states: readonly (readonly Document[])[]): Promise<void> {
    const filters = titles === undefined ? {} : { title: titles };
    const given = titles === undefined ? {} : { title: { is: titles } };
    const path = `/index/sheets${withFilters(given, { size: String(size) })}`;
    const { status, body } = await this.#service.get(path, { Authorization: caller });
    expect(status, JSON.stringify(body).slice(0, 300)).to.equal(200);
    const sees = caller.split(' ');
    const allowed = states.map((state) => plainList(state, fields, { sees, isPublic: false, filters }));
    const { facets, ids } = plainAnswer(body, fields);
    // Hits, and facets with filters of their own, are searches of their own: a refresh may lie between them.
    expect(allowed.map((list) => list.ids)).to.deep.include(ids);
    for (const [name, counts] of Object.entries(facets)) {
      expect(
        allowed.map((list) => list.facets[name] ?? {}),
        name,
      ).to.deep.include(counts);
    }
  }
}

type Content = typeof content extends fc.Arbitrary<infer T> ? T : never;

const sheetOf = ({ number: n, content: { of, ...inner } }: { number: number; content: Content }) => sheet(n, inner, of);

/** The index of a service's sheets. */
export const indexOf = ({ deployment }: Service) =>
  new ChangingIndex(herbarium, { deployment, catalog: 'plants', entityType: 'sheets' });
