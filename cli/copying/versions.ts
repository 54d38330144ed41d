import { LazuliError } from '../../core/config/errors.ts';
import { withColons, withoutColons } from '../../plugins/repository/dss/versions.ts';

/** Which version a copy gets, by the version of what is copied. Both are without colons. */
export type VersionRule = (version: string) => string;

/** The options that choose a rule; none: copies keep the version. */
export interface VersionOptions {
  readonly keepVersion?: true;
  readonly setVersion?: string;
  readonly mapVersion?: string;
  readonly newVersion?: true;
}

const second = 1_000_000n;

/**
 * @param now milliseconds since the epoch
 * @throws LazuliError `usage`
 */
export function versionRule(options: VersionOptions, now: () => number): VersionRule {
  const { setVersion, mapVersion, newVersion } = options;
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  if (given.length > 1) throw usage('One rule decides about versions.', 'Give one of the options.');
  if (setVersion !== undefined) {
    const version = requireVersion(setVersion);
    return () => version;
  }
  if (mapVersion !== undefined) {
    const shift = microsOf(mapVersion);
    return (version) => printVersion(parseVersion(version) + shift);
  }
  if (newVersion) return newVersions(now);
  return (version) => version;
}

/** A version in either notation. @returns it without colons @throws LazuliError `usage` */
export function requireVersion(text: string): string {
  const version = withoutColons(text);
  if (version !== null) parseVersion(version);
  if (version !== null) return version;
  throw usage(`'${text}' is no version.`, 'Write it like 2018-10-18T150431.370880Z.');
}

/** Each is later than the one before, however many are made in a millisecond. */
function newVersions(now: () => number): VersionRule {
  let last = 0n;
  return () => {
    const micros = BigInt(now()) * 1000n;
    last = micros > last ? micros : last + 1n;
    return printVersion(last);
  };
}

/** Microseconds since the epoch, in UTC. */
function parseVersion(version: string): bigint {
  const text = withColons(version) ?? '';
  const [seconds = '', fraction = ''] = text.replace('Z', '').split('.');
  const millis = Date.parse(`${seconds}.000Z`);
  const isDate = Number.isFinite(millis) && new Date(millis).toISOString() === `${seconds}.000Z`;
  if (isDate) return BigInt(millis) * 1000n + BigInt(fraction);
  throw usage(`'${version}' is no moment.`, 'Correct the version.');
}

function printVersion(micros: bigint): string {
  const rest = ((micros % second) + second) % second;
  const date = new Date(Number((micros - rest) / 1000n));
  const text = Number.isNaN(date.getTime()) ? '' : date.toISOString();
  // Other years have another form.
  if (!/^\d{4}-/.test(text)) throw usage('A version would be beyond the years 0000 to 9999.', 'Shift by less.');
  return `${text.slice(0, 19).replaceAll(':', '')}.${String(rest).padStart(6, '0')}Z`;
}

/** Seconds as a decimal, exact to the microsecond. */
function microsOf(text: string): bigint {
  const [, sign = '', whole, fraction = ''] = /^([+-]?)(\d{1,12})(?:\.(\d{1,6})0*)?$/.exec(text) ?? [];
  if (whole === undefined) throw usage(`'${text}' is no number of seconds.`, 'Write it like 1.374856 or -3600.');
  const micros = BigInt(whole) * second + BigInt(fraction.padEnd(6, '0'));
  return sign === '-' ? -micros : micros;
}

const usage = (message: string, remedy: string): LazuliError => new LazuliError('usage', message, { remedy });
