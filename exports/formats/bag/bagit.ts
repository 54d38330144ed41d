import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';

/** The only file of data in a bag. */
export interface Payload {
  readonly file: string;
  readonly bytes: number;
  /** digests, hex */
  readonly md5: string;
  readonly sha256: string;
}

const folder = 'manifest';
const path = 'data/participants.tsv';
const algorithms = ['md5', 'sha256'] as const;

/**
 * A bag as a ZIP file: BagIt 0.97 (RFC 8493 describes 1.0, which Terra does not read) of the profile of BDBag.
 *
 * @param moment that the bag and everything in it bears
 */
export async function writeBag(file: string, payload: Payload, moment: Date): Promise<void> {
  const zip = new ZipFile();
  const options = { mtime: zipTime(moment), mode: 0o100644, forceDosTimestamp: true };
  for (const [name, contents] of tagFiles(payload, moment))
    zip.addBuffer(Buffer.from(contents), `${folder}/${name}`, options);
  zip.addFile(payload.file, `${folder}/${path}`, options);
  zip.end();
  const failed = new Promise<never>((_, reject) => zip.once('error', reject));
  await Promise.race([failed, pipeline(zip.outputStream, createWriteStream(file))]);
}

/** ZIP files have the time of a zone that they don't name; here it is UTC, wherever this runs. */
function zipTime(moment: Date): Date {
  return new Date(moment.getTime() + moment.getTimezoneOffset() * 60_000);
}

/** All files but that of data, by name. */
function tagFiles(payload: Payload, moment: Date): ReadonlyMap<string, string> {
  const [day, time] = moment.toISOString().slice(0, 19).split('T');
  const info = [
    'Bag-Software-Agent: Lazuli',
    'BagIt-Profile-Identifier: https://raw.githubusercontent.com/fair-research/bdbag/master/profiles/bdbag-profile.json',
    `Bagging-Date: ${day}`,
    `Bagging-Time: ${time} UTC`,
    `Payload-Oxum: ${payload.bytes}.1`,
  ];
  const files = new Map([
    ['bagit.txt', 'BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n'],
    ['bag-info.txt', `${info.join('\n')}\n`],
    ...algorithms.map((of): [string, string] => [`manifest-${of}.txt`, `${payload[of]}  ${path}\n`]),
  ]);
  const tagged = [...files];
  for (const of of algorithms) {
    const sums = tagged.map(([name, contents]) => `${createHash(of).update(contents).digest('hex')} ${name}\n`);
    files.set(`tagmanifest-${of}.txt`, sums.join(''));
  }
  return files;
}
