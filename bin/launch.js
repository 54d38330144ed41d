import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeProcess } from './describe-process.js';
import { checkNode, isInstalled, LaunchError, pinnedNode } from './runtime.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
const parentPollMillis = 500;
/** For what a process prints to arrive once it has ended. */
const lingerMillis = 5_000;
/** What was compiled before, for all processes that come of this one: each starts in half the time. */
const compileCache = join(root, 'node_modules', '.cache', 'compiled');

/**
 * Makes sure that the exact dependencies are installed, then runs scripts on the pinned Node, passing signals and the
 * first exit code of a failure on. This process ends with that code when what was printed has been read.
 *
 * @param {Command} first
 * @param {readonly (readonly Command[])[]} steps when that has succeeded; commands of a step go on side by side, and what all but the first print is shown when they end
 * @param {Hearing} [hearing] what becomes of what commands of these steps send; default: they send nothing
 * @typedef {readonly string[]} Command a script with its arguments
 * @typedef {{ told: (message: unknown) => number | null, silentMillis: number, endMillis: number }} Hearing `told` returns the code with which a command will end that has sent its last message, else null; one that sends nothing for `silentMillis` is killed, and has failed; one that doesn't end `endMillis` after its last message is killed, and has that code
 */
export async function launch(first, steps = [], hearing = undefined) {
  try {
    checkNode();
    ensureInstalled();
    const node = pinnedNode(root);
    let code = await run(node, first);
    for (const step of code === 0 ? steps : []) {
      const codes = await Promise.all(step.map((command, i) => run(node, command, hearing, i > 0)));
      code ||= codes.find((one) => one !== 0) ?? 0;
    }
    // Output may still wait for its reader: no `process.exit`.
    process.exitCode = code;
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    console.error(`error: ${error.message}\nremedy: ${error.remedy}`);
    process.exitCode = 1;
  }
}

function ensureInstalled() {
  if (isInstalled(root)) return;
  console.error('installing the exact dependencies (npm ci) …');
  const npm = process.env.npm_execpath?.endsWith('.js')
    ? { command: process.execPath, args: [process.env.npm_execpath] }
    : { command: 'npm', args: [] };
  const { error, status, stdout, stderr } = spawnSync(
    npm.command,
    [...npm.args, 'ci', '--include=dev', '--include=optional', '--no-progress', '--loglevel=error'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  if (error) {
    throw new LaunchError(
      `npm is needed to install the dependencies, and can't be run: ${error.message}`,
      'Install npm 10 or later (it comes with Node), or run `npm ci` elsewhere and copy node_modules here.',
    );
  }
  if (status !== 0) {
    console.error(stdout + stderr);
    throw new LaunchError(`npm ci ended with code ${status}.`, 'Its output above says why. Fix that, and try again.');
  }
}

/**
 * @param {string} node
 * @param {Command} command
 * @param {Hearing} [hearing]
 * @param {boolean} aside whether what it prints is shown only when it ends
 * @returns {Promise<number>} the exit code
 */
function run(node, command, hearing = undefined, aside = false) {
  const [script = '', ...args] = command;
  const output = aside ? 'pipe' : 'inherit';
  // The channel tells the child when this process dies without a chance to say so.
  const child = spawn(node, [join(root, script), ...args], {
    stdio: ['inherit', output, output, 'ipc'],
    env: { NODE_COMPILE_CACHE: compileCache, ...process.env },
  });
  /** @type {Buffer[]} */
  const printed = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => printed.push(chunk));
  const forward = signals.map((signal) => /** @type {const} */ ([signal, () => child.kill(signal)]));
  for (const [signal, listener] of forward) process.on(signal, listener);
  const watch = watchNpm(() => child.kill('SIGHUP'));
  const given = hearing && hear(child, hearing);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    // A process that it has left behind may hold what it printed to open.
    child.on('exit', () => setTimeout(() => closeOutput(child), lingerMillis).unref());
    child.on('close', (code, signal) => {
      clearInterval(watch);
      given?.end();
      if (aside) process.stdout.write(Buffer.concat(printed));
      for (const [name, listener] of forward) process.off(name, listener);
      const decided = given?.code ?? code;
      if (signal !== null && decided === null) process.kill(process.pid, signal);
      else resolve(decided ?? 1);
    });
  });
}

/**
 * Hears what a child sends, and kills it, after saying how it is, where it sends nothing for too long, or doesn't end after its
 * last message: one whose thread is blocked notices no time limit of its own, and no signal but this.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @param {Hearing} hearing
 */
function hear(child, { told, silentMillis, endMillis }) {
  let last = 'nothing';
  /** @type {number | null} with which it will end */
  let promised = null;
  /** @type {number | null} what was decided in its place */
  let code = null;
  let timer = setTimeout(kill, silentMillis, `was silent for ${silentMillis} ms`);
  child.on('message', (message) => {
    last = JSON.stringify(message);
    promised ??= told(message);
    if (promised === null) return void timer.refresh();
    clearTimeout(timer);
    timer = setTimeout(kill, endMillis, `has not ended within ${endMillis} ms`);
  });
  /** @param {string} why */
  function kill(why) {
    code = promised ?? 1;
    console.error(`a process ${why}, and is killed; the last that it sent was ${last}`);
    console.error(describeProcess(child.pid ?? 0));
    child.kill('SIGKILL');
  }
  return {
    get code() {
      return code;
    },
    end: () => clearTimeout(timer),
  };
}

/** @param {import('node:child_process').ChildProcess} child */
function closeOutput({ stdout, stderr }) {
  for (const stream of [stdout, stderr]) stream?.destroy();
}

/**
 * npm doesn't pass SIGHUP on, and can't pass SIGKILL on: notice that it is gone. Between npm and this
 * process there may be a shell, which stays.
 *
 * @param {() => void} gone
 */
function watchNpm(gone) {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const before = npmAbove();
  return setInterval(() => {
    if (npmAbove() !== before) gone();
  }, parentPollMillis).unref();
}

/** The pid of npm as long as it is there; where /proc tells nothing, that of the parent. */
function npmAbove() {
  const parent = process.ppid;
  try {
    const isShell = readFileSync(`/proc/${parent}/cmdline`, 'utf8').includes('\0-c\0');
    const stat = readFileSync(`/proc/${parent}/stat`, 'utf8');
    // After the name in parentheses: state, parent (proc(5)).
    return isShell ? Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) : parent;
  } catch {
    return parent;
  }
}
