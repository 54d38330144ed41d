import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { clone } from '../../cli/clone.ts';

const file = z.object({ config: z.object({ 'lazuli:stack': z.record(z.string(), z.unknown()) }) });

/** A stack as a file configures it: its name, and the object `lazuli:stack`. */
export interface StackFile {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

const read = (name: string, path: string, edit = (text: string) => text): StackFile => ({
  name,
  input: file.parse(parse(edit(readFileSync(join(clone, path), 'utf8')))).config['lazuli:stack'],
});

export const dev = read('dev', 'Pulumi.dev.yaml');
export const prod = read('prod', 'Pulumi.prod.yaml');
/** The template with its gaps filled in. */
export const personal = read('alice2', 'infra/personal.stack.yaml', (text) =>
  text.replaceAll('NAME', 'alice2').replaceAll('DIGEST', '0'.repeat(64)),
);

/** That of dev, whose ingest tasks share a stream that pushes to them, by the Kinesis Client Library. */
export const together: StackFile = {
  name: 'shared',
  input: {
    ...dev.input,
    roles: { ...Object(dev.input.roles), ingest: { driver: 'kcl', tasks: 3, fanOut: true } },
    streams: { shards: 4 },
  },
};

/** That of dev, with builders. */
export const building: StackFile = {
  name: 'building',
  input: { ...dev.input, roles: { ...Object(dev.input.roles), builder: { maximum: 3 } } },
};

export const stackFiles = [dev, prod, personal];
