import { cpSync, existsSync, readdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { isCatalogName } from '../../core/config/catalogs.ts';
import { LazuliError } from '../../core/config/errors.ts';
import { makeFolder } from '../../core/config/folder.ts';
import { textOf } from '../../core/config/text.ts';
import { pluginNamePattern } from '../../plugins/declared/names.ts';
import { ownNames } from '../../plugins/registry.ts';
import { clone } from '../clone.ts';

/** The worked example of docs/plug-ins.md, which is a whole plug-in. */
const template = join(import.meta.dirname, 'template');
/** What it is called: nothing else in it has that word. */
const templateName = /\brecordings\b/g;

/**
 * Writes a folder with a small metadata plug-in that works, its test and sample bundles.
 *
 * @param folder absolute; new or empty
 * @param given its name; default: that of the folder
 * @returns the name
 * @throws LazuliError `usage`
 */
export function writePlugin(folder: string, given: string | undefined): string {
  const name =
    given ??
    basename(folder)
      .toLowerCase()
      .replaceAll(/[-. ]+/g, '_');
  expectName(name);
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new LazuliError('usage', `${folder} isn't empty.`, { remedy: 'Name a new or empty folder.' });
  makeFolder(folder);
  cpSync(template, folder, { recursive: true });
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true }))
    if (file.isFile()) rename(join(file.parentPath, file.name), name);
  const toClone = relative(realpathSync(folder), clone);
  write(folder, 'package.json', packageOf(name, toClone));
  write(folder, 'tsconfig.json', { extends: 'lazuli/tsconfig.plugin.json', include: ['**/*.ts'] });
  link(folder, toClone);
  return name;
}

/** The catalog of the sample bundles: it can't have a `_` in its name. */
const catalogNamed = (name: string): string => name.replaceAll('_', '-');

function expectName(name: string): void {
  const catalog = catalogNamed(name);
  if (!pluginNamePattern.test(name) || !isCatalogName(catalog) || catalog === 'runs')
    throw new LazuliError('usage', `A plug-in can't be called '${name}'.`, {
      remedy: 'Give another name with --name: words of a-z and 0-9, joined by _, a letter first.',
    });
  if (ownNames('metadata').includes(name))
    throw new LazuliError('usage', `Lazuli has a metadata plug-in '${name}' of its own.`, {
      remedy: 'Give another name with --name.',
    });
}

function rename(file: string, name: string): void {
  const text = textOf(readFileSync(file));
  const catalog = /("catalog": "|catalog=)recordings\b/g;
  writeFileSync(file, text.replaceAll(catalog, `$1${catalogNamed(name)}`).replaceAll(templateName, name));
}

const packageOf = (name: string, toClone: string): object => ({
  name: catalogNamed(name),
  version: '0.1.0',
  private: true,
  type: 'module',
  scripts: {
    start: 'lazuli up --plugin . --bundles bundles --data .lazuli',
    test: 'lazuli plugin check . && lazuli plugin test .',
    typecheck: 'node node_modules/lazuli/node_modules/typescript/bin/tsc',
  },
  devDependencies: { lazuli: `file:${toClone}` },
});

function write(folder: string, file: string, value: object): void {
  writeFileSync(join(folder, file), `${JSON.stringify(value, null, 2)}\n`);
}

/** The links that `npm install` would make. */
function link(folder: string, toClone: string): void {
  makeFolder(join(folder, 'node_modules/.bin'));
  symlinkSync(join('..', toClone), join(folder, 'node_modules/lazuli'));
  symlinkSync('../lazuli/bin/lazuli.js', join(folder, 'node_modules/.bin/lazuli'));
}
