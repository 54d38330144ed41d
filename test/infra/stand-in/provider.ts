import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Provider } from '@pulumi/pulumi/provider/index.js';
import { answerOf, type Inputs, stateOf } from '../made.ts';

/** Member of a resource's state with what the program asked for, to be compared with what it asks for next. */
const askedMember = '__asked';

/**
 * Stands in for the providers of AWS and of random values: what the program asks for is there at once, as a file of a
 * folder. Every difference of inputs is an update in place.
 *
 * @param folder has a file for each resource that is there, by type and name
 */
export function standIn(folder: string): Provider {
  mkdirSync(folder, { recursive: true });
  const fileOf = (urn: string): string => {
    const { type, name } = partsOf(urn);
    return join(folder, encodeURIComponent(`${type} ${name}`));
  };
  return {
    async diff(_id, _urn, olds, news) {
      return { changes: !isDeepStrictEqual((olds as Inputs)[askedMember], news) };
    },
    async create(urn, inputs) {
      const { type, name } = partsOf(urn);
      if (existsSync(fileOf(urn))) throw new Error(`There is a resource ${type} ${name} already`);
      const state = stateOf(type, name, inputs);
      writeFileSync(fileOf(urn), JSON.stringify(inputs));
      return { id: String(state.id), outs: { ...state, [askedMember]: inputs } };
    },
    async update(_id, urn, _olds, news) {
      const { type, name } = partsOf(urn);
      if (!existsSync(fileOf(urn))) throw new Error(`There is no resource ${type} ${name}`);
      writeFileSync(fileOf(urn), JSON.stringify(news));
      return { outs: { ...stateOf(type, name, news), [askedMember]: news } };
    },
    async delete(_id, urn) {
      rmSync(fileOf(urn));
    },
    async read(id, urn, props) {
      return existsSync(fileOf(urn)) ? { id, props } : {};
    },
    async invoke(token, inputs) {
      return { outputs: answerOf(token, inputs) };
    },
  };
}

/** Type and name of a resource from its URN, `urn:pulumi:stack::project::parent type$type::name`. */
function partsOf(urn: string): { readonly type: string; readonly name: string } {
  const [, , types = '', name = ''] = urn.split('::');
  return { type: types.split('$').at(-1) ?? '', name };
}
