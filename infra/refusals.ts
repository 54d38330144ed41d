import type { StackConfiguration } from './configuration.ts';
import { monthlyTotal } from './costs.ts';
import { memoryWith } from './fargate.ts';

/** A member whose value doesn't fit the others. */
export interface Refusal {
  readonly path: readonly string[];
  /** what is allowed */
  readonly message: string;
}

/** What a process takes beside DuckDB's memory, in MiB. */
const processMebi = 512;
/** The least for copies of the objects that export workers read, in GiB. */
const copiedGiB = 4;
/** The most that ACM takes as the first name of a certificate. */
const certificateCharacters = 64;

/**
 * What is right for each member alone, and what AWS would refuse all the same, or what would not do what it says: found
 * while previewing.
 */
export function refusals(stack: StackConfiguration): readonly Refusal[] {
  return [...sizes(stack), ...exporting(stack), ...numbers(stack), ...search(stack), ...names(stack), ...budget(stack)];
}

function sizes({ roles }: StackConfiguration): readonly Refusal[] {
  return Object.entries(roles).flatMap(([role, { size }]) => {
    const allowed = memoryWith(size.cpu);
    if (allowed.includes(size.memory)) return [];
    const message = `with ${size.cpu} units of CPU Fargate takes ${allowed.join(', ')}`;
    return [{ path: ['roles', role, 'size', 'memory'], message }];
  });
}

/** An export worker that runs out of memory, or of disk. */
function exporting({ roles, exports }: StackConfiguration): readonly Refusal[] {
  const { concurrentJobs, memoryBytes, temporaryBytes } = exports;
  const { size, volumeGiB } = roles.export;
  const found: Refusal[] = [];
  const memory = Math.ceil(memoryBytes / 2 ** 20) + processMebi;
  if (size.memory < memory) {
    const message = `at least ${memory}: exports.memoryBytes, and ${processMebi} MiB for the process`;
    found.push({ path: ['roles', 'export', 'size', 'memory'], message });
  }
  const volume = Math.ceil((concurrentJobs * temporaryBytes) / 2 ** 30) + copiedGiB;
  if (volumeGiB < volume) {
    const message = `at least ${volume}: exports.temporaryBytes for each of exports.concurrentJobs, and ${copiedGiB} GiB for copies of documents`;
    found.push({ path: ['roles', 'export', 'volumeGiB'], message });
  }
  return found;
}

function numbers({ roles: { query } }: StackConfiguration): readonly Refusal[] {
  if (query.maximum >= query.minimum) return [];
  const message = `at least roles.query.minimum, which is ${query.minimum}`;
  return [{ path: ['roles', 'query', 'maximum'], message }];
}

function search({ search: own, network }: StackConfiguration): readonly Refusal[] {
  if (!('nodes' in own)) return [];
  const { nodes, zones } = own;
  const found: Refusal[] = [];
  if (nodes % zones !== 0) {
    found.push({ path: ['search', 'nodes'], message: `a multiple of search.zones, which is ${zones}` });
  }
  if (zones > network.zones) {
    const message = `at most network.zones, which is ${network.zones}: the domain needs a subnet in each`;
    found.push({ path: ['search', 'zones'], message });
  }
  return found;
}

function names({ domain: { query, indexer } }: StackConfiguration): readonly Refusal[] {
  const found: Refusal[] = [];
  if (query.length > certificateCharacters) {
    const message = `at most ${certificateCharacters} characters: a certificate takes no longer name`;
    found.push({ path: ['domain', 'query'], message });
  }
  if (indexer === query) {
    const message = 'another name than domain.query: the load balancer tells the roles apart by it';
    found.push({ path: ['domain', 'indexer'], message });
  }
  return found;
}

/** A budget that an idle stack exceeds tells nothing. */
function budget(stack: StackConfiguration): readonly Refusal[] {
  const total = monthlyTotal(stack);
  if (total === null || stack.budgetDollars >= total) return [];
  const message = `at least ${Math.ceil(total)}, what the idle stack costs a month by infra/costs.ts`;
  return [{ path: ['budgetDollars'], message }];
}
