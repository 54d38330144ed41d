import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const oldestMajor = 20;
const pinnedMajor = 24;

/** An ordinary failure of these scripts: shown without a stack. */
export class LaunchError extends Error {
  /**
   * @param {string} message
   * @param {string} remedy
   */
  constructor(message, remedy) {
    super(message);
    this.remedy = remedy;
  }
}

/** @throws {LaunchError} when the Node that runs this script is too old to install the pinned one */
export function checkNode(version = process.versions.node) {
  if (Number.parseInt(version, 10) >= oldestMajor) return;
  throw new LaunchError(
    `This is Node ${version}; Lazuli needs Node ${oldestMajor} or later to start.`,
    `Install Node ${oldestMajor} or later (https://nodejs.org). The pinned runtime (Node ${pinnedMajor}) then comes from npm by itself.`,
  );
}

/**
 * The Node that everything else runs on: from the npm package of this platform, or this very Node
 * where it is recent enough.
 *
 * @param {string} root of the clone
 * @returns {string} path of the executable
 */
export function pinnedNode(root) {
  const platform = `node-${process.platform}-${process.arch}`;
  const executable = join(root, 'node_modules', platform, 'bin', 'node');
  if (existsSync(executable)) return executable;
  if (Number.parseInt(process.versions.node, 10) >= pinnedMajor) return process.execPath;
  throw new LaunchError(
    `There is no pinned runtime for ${process.platform} on ${process.arch}: npm did not install ${platform}.`,
    `Run this script with Node ${pinnedMajor} or later, or let npm install optional dependencies (no --omit=optional).`,
  );
}

/**
 * Whether node_modules holds exactly what the lock file says. npm writes its own record of what it
 * installed last, after everything else.
 *
 * @param {string} root of the clone
 */
export function isInstalled(root) {
  const wanted = readPackages(join(root, 'package-lock.json'));
  const present = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === null || present === null) return false;
  return Object.entries(wanted).every(([path, { version, optional, link }]) => {
    if (path === '' || link) return true;
    return Object.hasOwn(present, path) ? present[path].version === version : optional === true;
  });
}

/**
 * @param {string} file
 * @returns {Record<string, {version?: string, optional?: boolean, link?: boolean}> | null}
 */
function readPackages(file) {
  if (!existsSync(file)) return null;
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? null;
  } catch {
    // a file that npm was writing when it was killed: install again
    return null;
  }
}
