import { holdTexts, longText } from '../../core/documents/texts.ts';
import { text } from '../../core/duckdb/sql.ts';

/** Documents that may have a text that no keyword holds; none is missed. @param most bytes of a document */
export const longTextsSelect = (most: number): string => `SELECT doc, body, rest FROM computed
  WHERE bytes <= ${most} AND (${hasLongText('body')} OR ${hasLongText('rest')})`;

const hasLongText = (json: string): string =>
  `CASE WHEN strlen(${json}) > ${longText} THEN ${longestText(json)} > ${longText} ELSE false END`;

/** Bytes of the longest text in JSON, as it is written there: what stands between two quotes that aren't escaped. */
function longestText(json: string): string {
  const unescaped = String.raw`replace(replace(${json}, '\\', '__'), '\"', '__')`;
  return `list_max(list_transform(string_split(${unescaped}, '"'), lambda x: strlen(x)))`;
}

/** Has `computed` hold a document with keys in the place of texts. Those of its rest are never shown. */
export function holdStatement(doc: number, body: string, rest: string | null): string {
  const held = holdTexts(body);
  const texts = held.texts.size === 0 ? '' : `,"_texts":${JSON.stringify(Object.fromEntries(held.texts))}`;
  return `UPDATE computed SET body = new.body, rest = new.rest,
      bytes = bytes - strlen(computed.body) - coalesce(strlen(computed.rest), 0) + strlen(new.body) + coalesce(strlen(new.rest), 0)
    FROM (SELECT ${text(held.json + texts)} AS body, ${rest === null ? 'NULL::VARCHAR' : text(holdTexts(rest).json)} AS rest) new WHERE doc = ${doc}`;
}
