import { type FileHandle, open, unlink } from 'node:fs/promises';
import type { Member } from './model.ts';

/** A part of a bundle, in order: of one bundle together, by member, then by name. */
export interface Part {
  readonly root: number;
  /** place in the members of the model */
  readonly member: number;
  readonly text: string;
}

interface Place {
  readonly start: number;
  readonly bytes: number;
}

/** Characters that are written at a time. */
const together = 2 ** 20;

const brackets = { object: ['{', '}'], list: ['[', ']'], value: ['', ''] } as const;

/** Bundles that were put together, one after the other in a file, for whoever fetches them. */
export class BundlesFile {
  readonly #file: FileHandle;
  readonly #places: ReadonlyMap<number, Place>;

  private constructor(file: FileHandle, places: ReadonlyMap<number, Place>) {
    this.#file = file;
    this.#places = places;
  }

  /** Writes bundles as their parts come, to a file without a name: it is gone once it is closed. */
  static async write(
    path: string,
    members: readonly Member[],
    parts: AsyncIterable<readonly Part[]>,
  ): Promise<BundlesFile> {
    const places = new Map<number, Place>();
    const writer = new BundleWriter(members);
    const file = await open(path, 'wx+', 0o600);
    let pending = '';
    /** bytes of all that was taken, written or not */
    let taken = 0;
    let root: number | null = null;
    let start = 0;
    const take = (text: string): void => {
      pending += text;
      taken += Buffer.byteLength(text);
    };
    const end = (): void => {
      if (root === null) return;
      take(writer.end());
      places.set(root, { start, bytes: taken - start });
    };
    try {
      await unlink(path);
      for await (const some of parts) {
        for (const part of some) {
          if (root !== part.root) {
            end();
            [root, start] = [part.root, taken];
          }
          take(writer.add(part));
          if (pending.length < together) continue;
          await file.appendFile(pending);
          pending = '';
        }
      }
      end();
      await file.appendFile(pending);
      return new BundlesFile(file, places);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** @returns UTF-8 JSON; null where it has no such bundle */
  async read(root: number): Promise<Uint8Array | null> {
    const place = this.#places.get(root);
    if (place === undefined) return null;
    const { bytesRead, buffer } = await this.#file.read(Buffer.allocUnsafe(place.bytes), 0, place.bytes, place.start);
    return buffer.subarray(0, bytesRead);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** The text of a bundle, part by part; members without parts are empty. */
class BundleWriter {
  readonly #members: readonly Member[];
  /** how many members are begun */
  #member = 0;
  /** whether the last one has a part */
  #hasPart = false;

  constructor(members: readonly Member[]) {
    this.#members = members;
  }

  add({ member, text }: Part): string {
    const before = this.#upTo(member + 1);
    const comma = this.#hasPart ? ',' : '';
    this.#hasPart = true;
    return `${before}${comma}${text}`;
  }

  end(): string {
    const rest = `${this.#upTo(this.#members.length)}${this.#closed()}}`;
    this.#member = 0;
    return rest;
  }

  #upTo(member: number): string {
    let text = '';
    while (this.#member < member) {
      const { name = '', kind = 'value' } = this.#members[this.#member] ?? {};
      text += `${this.#member === 0 ? '{' : `${this.#closed()},`}${JSON.stringify(name)}:${brackets[kind][0]}`;
      this.#member++;
      this.#hasPart = false;
    }
    return text;
  }

  #closed(): string {
    return brackets[this.#members[this.#member - 1]?.kind ?? 'value'][1];
  }
}
