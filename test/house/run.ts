import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { clone } from '../../cli/clone.ts';

/** Runs a tool of node_modules in the clone. @throws Error with all it printed unless it ends with code 0 */
export async function runTool(path: string, ...args: string[]): Promise<void> {
  const child = spawn(process.execPath, [join(clone, 'node_modules', path), ...args], {
    cwd: clone,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => printed.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${path} ended with code ${code}:\n${Buffer.concat(printed).toString('utf8')}`);
}
