/** Types of runtime.js, which has none of its own because any Node must be able to run it. */
export class LaunchError extends Error {
  readonly remedy: string;
  constructor(message: string, remedy: string);
}
export function checkNode(version?: string): void;
export function pinnedNode(root: string): string;
export function isInstalled(root: string): boolean;
