/** Dimensions by which matrices are told apart, in this order (specification, plugin-hca 4.6). */
export const dimensions = ['genusSpecies', 'developmentStage', 'organ', 'libraryConstructionApproach'] as const;
export type Dimension = (typeof dimensions)[number];

/** Values by dimension; a dimension without values is missing. */
export type Stratum = Readonly<Partial<Record<Dimension, readonly string[]>>>;

/**
 * Parses `dimension=value,value;dimension=value`, one stratum a line.
 *
 * @throws SyntaxError saying what is wrong
 */
export function parseStrata(text: string): Stratum[] {
  return text.split('\n').map(parseStratum);
}

function parseStratum(line: string): Stratum {
  const points = line.split(';').map((point): [Dimension, string[]] => {
    const [name = '', values, ...rest] = point.split('=');
    if (values === undefined || rest.length > 0) throw new SyntaxError(`'${point}' is not of the form dimension=value`);
    const dimension = dimensions.find((one) => one === name);
    if (dimension === undefined) throw new SyntaxError(`'${name}' is none of ${dimensions.join(', ')}`);
    return [dimension, values.split(',')];
  });
  return Object.fromEntries(points);
}

/**
 * Prints one stratum, empty dimensions left out.
 *
 * @param values ascending and distinct
 * @throws SyntaxError where a value holds a character that has a meaning in strata
 */
export function printStratum(values: Readonly<Record<Dimension, readonly string[]>>): string {
  const points = dimensions.filter((dimension) => values[dimension].length > 0);
  return points.map((dimension) => `${dimension}=${values[dimension].map(checked).join(',')}`).join(';');
}

function checked(value: string): string {
  if (/[,=;\n]/.test(value))
    throw new SyntaxError(`'${value}' holds a comma, an equals sign, a semicolon or a line break`);
  return value;
}
