import type { Json } from '../../../../core/model/metadata.ts';
import { isObject, Members, show } from '../members.ts';

/** One entity leads to another: into a process, out of it, or from it to a protocol that it follows. */
export interface Edge {
  readonly from: LinkEnd;
  readonly to: LinkEnd;
}

/** One end of an edge. */
export class LinkEnd {
  /** document UUID as the link has it */
  readonly id: string;
  readonly #link: Members;
  readonly #name: string;
  readonly #index: number | undefined;

  constructor(id: string, link: Members, name: string, index?: number) {
    this.id = id;
    this.#link = link;
    this.#name = name;
    this.#index = index;
  }

  /** The member of the links that names the end. */
  get field(): string {
    return this.#link.at(this.#index === undefined ? this.#name : `${this.#name}.${this.#index}`);
  }
}

/**
 * Reads the edges of a bundle's graph out of links of any version (specification, plugin-hca 2.3).
 *
 * @param entity how errors name the links
 * @throws LazuliError `bundle_invalid`
 */
export function readLinks(json: Json, entity: string): Edge[] {
  const links = new Members(entity, isObject(json) ? json : {});
  const version = links.fullText('schema_version');
  const major = version.split('.', 1)[0] ?? '';
  if (!/^[123]$/.test(major)) {
    throw links.error('schema_version', `is '${version}'`, 'Links of versions 1, 2 and 3 are understood.');
  }
  links.requiredList('links');
  const edges: Edge[] = [];
  for (const link of links.objects('links')) readLink(link, major, edges);
  return edges;
}

function readLink(link: Members, major: string, edges: Edge[]): void {
  if (link.find('source_id') !== undefined) {
    edges.push({ from: end(link, 'source_id'), to: end(link, 'destination_id') });
  } else if (major === '1') {
    readProcess(link, firstVersion, edges);
  } else {
    readTyped(link, edges);
  }
}

function readTyped(link: Members, edges: Edge[]): void {
  const type = link.fullText('link_type');
  if (type === 'process_link') {
    readProcess(link, laterVersions, edges);
  } else if (type === 'supplementary_file_link') {
    checkSupplementary(link);
  } else {
    throw link.error('link_type', `is '${type}'`, 'Known types are process_link and supplementary_file_link.');
  }
}

interface ProcessForm {
  readonly process: string;
  readonly input: string | undefined;
  readonly output: string | undefined;
}
const firstVersion: ProcessForm = { process: 'process', input: undefined, output: undefined };
const laterVersions: ProcessForm = { process: 'process_id', input: 'input_id', output: 'output_id' };

function readProcess(link: Members, form: ProcessForm, edges: Edge[]): void {
  const process = end(link, form.process);
  for (const from of ends(link, 'inputs', form.input)) edges.push({ from, to: process });
  for (const to of ends(link, 'outputs', form.output)) edges.push({ from: process, to });
  for (const to of ends(link, 'protocols', 'protocol_id')) edges.push({ from: process, to });
}

/** Says what a file supplements, which is of no consequence for the graph. */
function checkSupplementary(link: Members): void {
  end(link.object('entity'), 'entity_id');
  ends(link, 'files', 'file_id');
}

/** @param member of the listed objects that holds the id; undefined where ids are listed themselves */
function ends(link: Members, name: string, member: string | undefined): LinkEnd[] {
  const list = link.requiredList(name);
  const found: LinkEnd[] = [];
  if (member !== undefined) for (const object of link.objects(name)) found.push(end(object, member));
  else for (const [i, id] of list.entries()) found.push(listedEnd(link, name, i, id));
  return found;
}

function listedEnd(link: Members, name: string, index: number, id: Json): LinkEnd {
  if (typeof id === 'string') return new LinkEnd(id, link, name, index);
  throw link.error(`${name}.${index}`, `is no document UUID: ${show(id)}`, 'Correct the link.');
}

function end(members: Members, name: string): LinkEnd {
  return new LinkEnd(members.fullText(name), members, name);
}
