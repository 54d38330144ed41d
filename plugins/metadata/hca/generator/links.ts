import type { Dialect } from './dialects.ts';
import type { BundleGraph, Step, Supplement } from './graph.ts';
import type { Entity, Fields } from './scene.ts';

/** The bundle's `links`, in the form of its dialect (specification, plugin-hca 2.3). */
export function linksOf(graph: BundleGraph, dialect: Dialect): Fields {
  return {
    describedBy: `https://${dialect.schemaHost}/system/${dialect.linksVersion}/links`,
    schema_type: dialect.links === 'typed' ? 'links' : 'link_bundle',
    schema_version: dialect.linksVersion,
    links: elements(graph, dialect.links),
  };
}

function elements(graph: BundleGraph, form: Dialect['links']): readonly Fields[] {
  switch (form) {
    case 'flat':
      return graph.steps.flatMap(flat);
    case 'process':
      return graph.steps.map(oneProcess);
    case 'typed':
      return [...graph.steps.map(typedProcess), ...graph.supplements.map(supplement)];
  }
}

function flat({ process, inputs, outputs, protocols }: Step): readonly Fields[] {
  const edge = (source: Entity, destination: Entity): Fields => ({
    source_id: source.id,
    source_type: flatType(source),
    destination_id: destination.id,
    destination_type: flatType(destination),
  });
  return [
    ...inputs.map((input) => edge(input, process)),
    ...outputs.map((output) => edge(process, output)),
    ...protocols.map((protocol) => edge(process, protocol)),
  ];
}

/** Flat links name the schema of processes, and the core class of anything else. */
function flatType({ type }: Entity): string {
  if (type.endsWith('process')) return type;
  if (type.endsWith('protocol')) return 'protocol';
  return type.endsWith('_file') ? 'file' : 'biomaterial';
}

function oneProcess({ process, inputs, outputs, protocols }: Step, index: number): Fields {
  return {
    process: process.id,
    inputs: inputs.map(({ id }) => id),
    input_type: flatType(inputs[0] ?? process),
    outputs: outputs.map(({ id }) => id),
    output_type: flatType(outputs[0] ?? process),
    protocols: protocols.map(({ id, type }) => ({
      [index % 2 === 0 ? 'protocol_type' : 'type']: type,
      protocol_id: id,
    })),
  };
}

function typedProcess({ process, inputs, outputs, protocols }: Step): Fields {
  return {
    link_type: 'process_link',
    process_id: process.id,
    process_type: process.type,
    inputs: inputs.map(({ id, type }) => ({ input_id: id, input_type: type })),
    outputs: outputs.map(({ id, type }) => ({ output_id: id, output_type: type })),
    protocols: protocols.map(({ id, type }) => ({ protocol_id: id, protocol_type: type })),
  };
}

function supplement({ entity, files }: Supplement): Fields {
  return {
    link_type: 'supplementary_file_link',
    entity: { entity_id: entity.id, entity_type: entity.type },
    files: files.map(({ id, type }) => ({ file_id: id, file_type: type })),
  };
}
