import { refusal } from '../../core/http/refusal.ts';

const part = /^(\d{0,15})-(\d{0,15})$/;

/**
 * Whether a range is the end of a file of which nothing is missing: curl asks so for what it has in full, and takes
 * anything but success for a failure (specification, service-api 11).
 *
 * @throws LazuliError `bad_request` where it is malformed
 */
export function isBeyondEnd(range: string, size: number | null): boolean {
  if (range === '') return false;
  const [, unit, given] = /^([!#$%&'*+.^_`|~\w-]+)=(.*)$/.exec(range) ?? [];
  if (unit === undefined || given === undefined) throw malformed(range);
  // Units that nobody knows are ignored (RFC 9110, 14.2).
  if (unit.toLowerCase() !== 'bytes') return false;
  const parts = given.split(',').map((one) => part.exec(one.trim()));
  if (!parts.every((one) => one !== null && one[0] !== '-')) throw malformed(range);
  const [only, ...others] = parts;
  return others.length === 0 && only?.[2] === '' && size !== null && Number(only[1]) === size;
}

const malformed = (range: string) =>
  refusal(`Invalid range specifier '${range.slice(0, 80)}'.`, 'Write it like bytes=0-499, or leave the header out.');
