import { LazuliError } from './errors.ts';

/** Where bundles come from: a stable id and a human-readable spec (specification, indexing 2.2). */
export interface SourceRef {
  readonly id: string;
  readonly spec: string;
}

/** A parsed source spec. `prefix` is absent where it is to be computed. */
export interface SourceSpec {
  readonly name: string;
  readonly prefix?: { readonly common: string; readonly partition: number };
}

const prefixPattern = /^([0-9a-f]{0,8})\/([0-8])$/;

/**
 * What precedes the last colon is the plug-in's own; the prefix part follows it: empty, or
 * `<common>/<partition>` with at most eight hex digits together. Printing what was parsed gives the input.
 *
 * @throws LazuliError `configuration_invalid`
 */
export function parseSourceSpec(spec: string): SourceSpec {
  const colon = spec.lastIndexOf(':');
  if (colon < 0) throw malformed(spec, 'it has no colon');
  const name = spec.slice(0, colon);
  const rest = spec.slice(colon + 1);
  if (rest === '') return { name };
  const match = prefixPattern.exec(rest);
  const common = match?.[1];
  const partition = Number(match?.[2]);
  if (common === undefined || common.length + partition > 8) {
    throw malformed(spec, `'${rest}' is not <common>/<partition>, at most 8 hex digits together`);
  }
  return { name, prefix: { common, partition } };
}

export function printSourceSpec({ name, prefix }: SourceSpec): string {
  return prefix === undefined ? `${name}:` : `${name}:${prefix.common}/${prefix.partition}`;
}

/** Every prefix of a spec, ascending: `a/1` gives a0 … af. */
export function* partitionPrefixes({ common, partition }: NonNullable<SourceSpec['prefix']>): Generator<string> {
  for (let i = 0; i < 16 ** partition; i++) {
    yield partition === 0 ? common : common + i.toString(16).padStart(partition, '0');
  }
}

/** What an operation is restricted to: sources by id or spec, a glob of `*` and `?`, and bundles by the beginning of their uuid. */
export interface Restriction {
  /** null: all sources */
  readonly source: string | null;
  /** lower-case hex; empty: all bundles */
  readonly prefix: string;
}

export const isRestricted = ({ source, prefix }: Restriction): boolean => source !== null || prefix !== '';

/** Whether a source is one of those of a restriction. */
export function isWithin({ id, spec }: SourceRef, { source }: Restriction): boolean {
  return source === null || matches(id, source) || matches(spec, source);
}

/** In time proportional to both lengths: the last asterisk alone is gone back to. */
function matches(value: string, glob: string): boolean {
  let [at, star, from] = [0, -1, 0];
  for (let i = 0; i < value.length; ) {
    if (glob[at] === '*') [star, from] = [at++, i];
    else if (glob[at] === '?' || glob[at] === value[i]) [at, i] = [at + 1, i + 1];
    else if (star >= 0) [at, from, i] = [star + 1, from + 1, from + 1];
    else return false;
  }
  return [...glob.slice(at)].every((rest) => rest === '*');
}

function malformed(spec: string, why: string): LazuliError {
  return new LazuliError('configuration_invalid', `Source '${spec}' is malformed: ${why}.`, {
    remedy: 'Write it as <name>:<common>/<partition>, or with nothing after the last colon.',
  });
}
