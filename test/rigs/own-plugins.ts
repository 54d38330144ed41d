import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { clone } from '../../cli/clone.ts';

/** Names of all plug-ins of a kind that the clone has. */
export const ownPlugins = (kind: 'metadata' | 'repository' | 'authentication'): readonly string[] =>
  readdirSync(join(clone, 'plugins', kind)).toSorted();
