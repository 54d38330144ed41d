import { byCodePoint } from '../../../../core/config/text.ts';
import type { Json, PresentContext } from '../../../../core/model/metadata.ts';
import { type Dimension, dimensions, parseStrata, type Stratum } from '../declared/strata.ts';
import type { Inner } from './entities.ts';
import { presentFile } from './files.ts';

/** One value per dimension that any file has. */
type Point = ReadonlyMap<Dimension, string>;

interface Placed {
  readonly file: Inner;
  readonly point: Point;
}

const unspecified = 'Unspecified';

/**
 * Matrix files as a tree: dimension, value, next dimension, …, list of files. Dimensions of which the fewest values
 * occur come first, and a file stands under each of its values. `Unspecified` fills in where a file lacks a dimension,
 * and counts for nothing in that order (specification, query-semantics 7.3).
 */
export function stratification(files: readonly Inner[], context: PresentContext): Json {
  if (files.length === 0) return {};
  const placed = files.flatMap((inner) => {
    const file = presentFile(inner, context);
    return pointsOf(inner).map((point) => ({ file, point }));
  });
  const used = dimensions
    .map((dimension) => ({ dimension, values: occurring(placed, dimension).size }))
    .filter(({ values }) => values > 0)
    .sort((a, b) => a.values - b.values);
  const ordered = used.map(({ dimension }) => dimension);
  return branch(placed, ordered);
}

function branch(placed: readonly Placed[], [dimension, ...others]: readonly Dimension[]): Json {
  if (dimension === undefined) return [...new Set(placed.map(({ file }) => file))];
  const byValue = valuesOf(placed, dimension).map((value): [string, Json] => {
    const here = placed.filter(({ point }) => (point.get(dimension) ?? unspecified) === value);
    return [value, branch(here, others)];
  });
  return { [dimension]: Object.fromEntries(byValue) };
}

/** Distinct values; files without the dimension have one of their own. */
function valuesOf(placed: readonly Placed[], dimension: Dimension): string[] {
  return [...new Set(placed.map(({ point }) => point.get(dimension) ?? unspecified))].sort(byCodePoint);
}

/** Distinct values that files have. */
function occurring(placed: readonly Placed[], dimension: Dimension): ReadonlySet<string> {
  return new Set(placed.flatMap(({ point }) => point.get(dimension) ?? []));
}

function pointsOf({ strata }: Inner): Point[] {
  return typeof strata === 'string' && strata !== '' ? parseStrata(strata).flatMap(expanded) : [new Map()];
}

/** All combinations of a stratum's values. */
function expanded(stratum: Stratum): Point[] {
  return dimensions.reduce<Map<Dimension, string>[]>(
    (points, dimension) => {
      const values = stratum[dimension];
      if (values === undefined) return points;
      return points.flatMap((point) => values.map((value) => new Map(point).set(dimension, value)));
    },
    [new Map()],
  );
}
