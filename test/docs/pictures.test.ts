import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { clone } from '../../cli/clone.ts';
import { runSchema } from '../../core/runs/run.ts';
import { batch } from './pictures/batch.ts';
import { document } from './pictures/document.ts';
import { type Box, type Drawing, heightOf, svg } from './pictures/drawing.ts';
import { states } from './pictures/states.ts';

const drawings: Readonly<Record<string, Drawing>> = { batch, document, states };

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + heightOf(b) && b.y < a.y + heightOf(a);

describe('The pictures of the documentation', () => {
  for (const [name, drawing] of Object.entries(drawings)) {
    it(`show ${name} as it is described (LAZULI_UPDATE=1 draws it)`, () => {
      const file = join(clone, 'docs/pictures', `${name}.svg`);
      const drawn = svg(drawing);
      if (process.env.LAZULI_UPDATE === '1') writeFileSync(file, drawn);
      expect(existsSync(file) ? readFileSync(file, 'utf8') : null).to.equal(drawn);
    });

    it(`have all of ${name} on the paper, no box over another`, () => {
      const { boxes, width, height } = drawing;
      for (const [i, box] of boxes.entries()) {
        expect(box.x + box.width, box.name).to.be.below(width);
        expect(box.y + heightOf(box), box.name).to.be.below(height);
        for (const other of boxes.slice(i + 1))
          expect(overlap(box, other), `${box.name}, ${other.name}`).to.equal(false);
      }
    });
  }

  it('show every state and every phase of a run', () => {
    const names = states.boxes.map(({ name }) => name);
    expect(names).to.include.members(runSchema.shape.state.options);
    const running = states.boxes.find(({ name }) => name === 'running')?.lines?.join(' ') ?? '';
    for (const phase of runSchema.shape.phase.unwrap().options) expect(running).to.include(phase);
  });
});
