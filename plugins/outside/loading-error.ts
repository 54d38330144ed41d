import type { LazuliError } from '../../core/config/errors.ts';
import { refused } from './entry.ts';

/** What helps, by the code of Node's error. */
const remedies: Readonly<Record<string, string>> = {
  ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING:
    'Node strips types outside of node_modules only: publish the package as JavaScript (compile it with tsc), or have `plugins` name a folder of its sources that is elsewhere.',
  ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX:
    'Node strips types and translates nothing: use no enums, namespaces with code, or parameter properties (`erasableSyntaxOnly` in tsconfig.json finds them).',
  ERR_INVALID_TYPESCRIPT_SYNTAX: 'Correct what is no TypeScript there.',
  ERR_MODULE_NOT_FOUND:
    'Correct the import, or install the dependencies of the plug-in (npm install in its folder). What Lazuli has for plug-ins is `lazuli/plugin`.',
  ERR_UNKNOWN_FILE_EXTENSION: 'Import TypeScript (.ts), JavaScript (.js) and JSON only.',
};
const otherContract =
  'It is written for another version of Lazuli: plugins/contract.ts has all that `lazuli/plugin` gives.';

/** Why a folder can't be loaded, as Node told it. */
export function loadingError(folder: string, cause: unknown): LazuliError {
  const { code, message = '', stack = '' } = Object(cause) as Partial<NodeJS.ErrnoException>;
  const isOther = message.includes("'lazuli/plugin' does not provide an export");
  const remedy = remedies[code ?? ''] ?? (isOther ? otherContract : 'Correct the plug-in.');
  const place = placeIn(folder, stack);
  return refused(`${folder} can't be loaded: ${String(cause)}${place === null ? '' : ` (${place})`}`, remedy, cause);
}

/** File and line inside of the folder, where the stack tells one that the message doesn't. */
function placeIn(folder: string, stack: string): string | null {
  const lines = stack.replaceAll('file://', '').split(/[\n()\s]+/);
  return lines.find((line) => line.startsWith(`${folder}/`) && /:\d+$/.test(line)) ?? null;
}
