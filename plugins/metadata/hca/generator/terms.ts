import type { Random } from '../../../../core/model/random.ts';
import type { Fields, Scene } from './scene.ts';
import type { Term } from './vocabulary.ts';

/** An ontologized value in one of the states of curation in which they are met (plugin-hca 2.1, OL). */
export function ontologized(random: Random, { text, id, label }: Term): Fields {
  const state = random.between(0, 19);
  if (state < 13) return { text, ontology: id, ontology_label: label };
  if (state < 17) return { text: label, ontology: id };
  if (state < 19) return { text: label };
  return { ontology: id };
}

/** Why a copy of an entity differs from an older one. */
export function revised(scene: Scene, text: string): string {
  return scene.revision === 0 ? text : `${text} (revised ${scene.revision === 1 ? 'once' : `${scene.revision} times`})`;
}
