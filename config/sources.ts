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

function malformed(spec: string, why: string): LazuliError {
  return new LazuliError('configuration_invalid', `Source '${spec}' is malformed: ${why}.`, {
    remedy: 'Write it as <name>:<common>/<partition>, or with nothing after the last colon.',
  });
}
