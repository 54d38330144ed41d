/** What readers take for the end of a line, as code points, beside the two that everybody does. JSON escapes all others. */
const rareBreaks = [0x85, 0x2028, 0x2029];
const breaks = [0x0a, 0x0d, ...rareBreaks];

/** SQL of the same JSON on one line, whatever a reader takes for the end of one. @param json SQL of JSON text */
export function oneLine(json: string): string {
  const isBroken = breaks.map((one) => `contains(${json}, chr(${one}))`).join(' OR ');
  // Between the parts of a JSON text they mean nothing; inside of its texts these two are always escaped.
  const joined = `regexp_replace(${json}, '[\\r\\n]+', ' ', 'g')`;
  const escaped = rareBreaks.reduce(
    (sql, one) => `replace(${sql}, chr(${one}), '\\u${one.toString(16).padStart(4, '0')}')`,
    joined,
  );
  return `CASE WHEN ${isBroken} THEN ${escaped} ELSE ${json} END`;
}
