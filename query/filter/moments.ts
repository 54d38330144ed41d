const moment = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d:\d\d)?)?$/;

/**
 * A date, or date and time (RFC 3339; UTC where no offset is given), in the notation of the index:
 * UTC, six fractional digits, `Z`. In it the order of texts is the order of time.
 *
 * @returns undefined for what is none
 */
export function canonicalMoment(text: string): string | undefined {
  const [, date, time = '00:00', seconds = '00', fraction = '', offset = 'Z'] = moment.exec(text) ?? [];
  if (date === undefined) return undefined;
  const whole = Date.parse(`${date}T${time}:${seconds}${offset}`);
  if (Number.isNaN(whole)) return undefined;
  const utc = new Date(whole).toISOString();
  return utc.length === 24 ? `${utc.slice(0, 19)}.${fraction.padEnd(6, '0')}Z` : undefined;
}
