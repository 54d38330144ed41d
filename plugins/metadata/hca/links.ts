import type { Json } from '../../metadata.ts';
import { canonicalUuid } from './identifiers.ts';
import { isObject, Members, show } from './members.ts';

/** Called for every edge; `field` says which member of the links names the end. */
export type OnEdge = (from: LinkEnd, to: LinkEnd) => void;

export interface LinkEnd {
  /** lower-case document UUID */
  readonly id: string;
  readonly field: string;
}

/**
 * Reads the edges of a bundle's graph out of links of any version (specification, plugin-hca 2.3).
 *
 * @param entity how errors name the links
 * @throws LazuliError `bundle_invalid`
 */
export function readLinks(json: Json, entity: string, onEdge: OnEdge): void {
  const links = new Members(entity, '', isObject(json) ? json : {});
  const version = links.fullText('schema_version');
  const major = version.split('.', 1)[0] ?? '';
  if (!/^[123]$/.test(major)) {
    throw links.error('schema_version', `is '${version}'`, 'Links of versions 1, 2 and 3 are understood.');
  }
  links.requiredList('links');
  for (const link of links.objects('links')) readLink(link, major, onEdge);
}

function readLink(link: Members, major: string, onEdge: OnEdge): void {
  if (link.find(['source_id']) !== undefined) return onEdge(end(link, 'source_id'), end(link, 'destination_id'));
  if (major === '1') return readProcess(link, firstVersion, onEdge);
  const type = link.fullText('link_type');
  if (type === 'process_link') return readProcess(link, laterVersions, onEdge);
  if (type === 'supplementary_file_link') return checkSupplementary(link);
  throw link.error('link_type', `is '${type}'`, 'Known types are process_link and supplementary_file_link.');
}

interface ProcessForm {
  readonly process: string;
  readonly input: string | undefined;
  readonly output: string | undefined;
}
const firstVersion: ProcessForm = { process: 'process', input: undefined, output: undefined };
const laterVersions: ProcessForm = { process: 'process_id', input: 'input_id', output: 'output_id' };

function readProcess(link: Members, form: ProcessForm, onEdge: OnEdge): void {
  const process = end(link, form.process);
  for (const input of ends(link, 'inputs', form.input)) onEdge(input, process);
  for (const output of ends(link, 'outputs', form.output)) onEdge(process, output);
  for (const protocol of ends(link, 'protocols', 'protocol_id')) onEdge(process, protocol);
}

/** Says what a file supplements, which is of no consequence for the graph. */
function checkSupplementary(link: Members): void {
  end(link.object('entity'), 'entity_id');
  ends(link, 'files', 'file_id');
}

/** @param member of the listed objects that holds the id; undefined where ids are listed themselves */
function ends(link: Members, name: string, member: string | undefined): LinkEnd[] {
  const list = link.requiredList(name);
  if (member !== undefined) return link.objects(name).map((object) => end(object, member));
  return list.map((id, i) => ({ id: checkedId(link, `${name}.${i}`, id), field: link.at(`${name}.${i}`) }));
}

function end(members: Members, name: string): LinkEnd {
  return { id: checkedId(members, name, members.fullText(name)), field: members.at(name) };
}

function checkedId(members: Members, name: string, value: Json): string {
  const id = canonicalUuid(value);
  if (id === undefined) throw members.error(name, `is no document UUID: ${show(value)}`, 'Correct the link.');
  return id;
}
