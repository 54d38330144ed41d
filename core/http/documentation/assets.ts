import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Everything that the page at `/` loads: Swagger UI, and what starts it. Nothing else is ever served. */
const urls = [
  import.meta.resolve('swagger-ui-dist/swagger-ui.css'),
  import.meta.resolve('swagger-ui-dist/swagger-ui-bundle.js'),
  import.meta.resolve('swagger-ui-dist/favicon-32x32.png'),
  import.meta.resolve('swagger-ui-dist/oauth2-redirect.js'),
  import.meta.resolve('./start.js'),
];
const files: ReadonlyMap<string, string> = new Map(
  urls.map((url) => fileURLToPath(url)).map((path) => [basename(path), path]),
);
const read = new Map<string, Promise<Buffer>>();

/** The content of an asset, read once. @returns undefined for what is none */
export function asset(name: string): Promise<Buffer> | undefined {
  const path = files.get(name);
  if (path === undefined) return undefined;
  const known = read.get(name);
  if (known !== undefined) return known;
  const content = readFile(path);
  read.set(name, content);
  return content;
}
