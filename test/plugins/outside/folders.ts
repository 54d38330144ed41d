import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Writes files by their paths from a folder. @returns the folder */
export function written(folder: string, files: Readonly<Record<string, string | object>>): string {
  for (const [name, contents] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof contents === 'string' ? contents : JSON.stringify(contents));
  }
  return folder;
}

/** A metadata plug-in of one entity type, as source text. @param more members, which win */
export const thingsPlugin = (name: string, more = ''): string => `{
  name: '${name}',
  version: 1,
  tables: { things: { columns: { title: { type: 'string' } } } },
  roles: { things: { tables: { things: 'columns' }, whenEmpty: 'list', fields: { title: { api: 'title' } } } },
  entityTypes: { things: { roles: { things: 'single' }, computed: {} } },
  implicitHub: 'things',
  normalize: () => new NormalizedBundleBuilder().build(),
  present: ({ contents }) => contents,
  ${more}
}`;

/** A module of plug-ins, in what is both TypeScript and JavaScript. @param members of its export, beside the contract */
export const moduleOf = (members: string, contract = '1'): string =>
  `import { LazuliError, NormalizedBundleBuilder } from 'lazuli/plugin';
export const plugins = { contract: ${contract}, ${members} };
`;

/** A repository plug-in whose \`open\` does that, as source text. */
export const repositoryPlugin = (name: string, open: string): string =>
  `{ name: '${name}', open: async () => ${open} }`;
