import { createHmac, randomUUID } from 'node:crypto';
import type { Answer, Route } from './routes.ts';

const wrongXml = (status: number, code: string): Answer => ({
  ...{ status, headers: { 'Content-Type': 'application/xml' } },
  bytes: Buffer.from(`<?xml version='1.0' encoding='UTF-8'?><Error><Code>${code}</Code></Error>`),
});

/** Objects by signed URLs that expire, like those of Cloud Storage. */
export class Storage {
  /** where it is asked */
  url = '';
  readonly #objects = new Map<string, Buffer>();
  #secret: string = randomUUID();

  /** @returns its signed URL, or its `gs://` path */
  put(path: string, bytes: Buffer, isSigned: boolean): string {
    this.#objects.set(path, bytes);
    return isSigned ? this.sign(path) : `gs://${path}`;
  }

  sign(path: string): string {
    const query = new URLSearchParams({
      ...{
        'X-Goog-Algorithm': 'GOOG4-RSA-SHA256',
        'X-Goog-Expires': '3600',
        'X-Goog-Signature': this.#signature(path),
      },
    });
    return `${this.url}/${path}?${query}`;
  }

  /** URLs that were signed are good no more. */
  expire(): void {
    this.#secret = randomUUID();
  }

  /** A day has gone. */
  deleteAll(): void {
    this.#objects.clear();
  }

  routes(): readonly Route[] {
    return [
      [
        'GET',
        /^\/(.+)$/,
        ({ parts: [path = ''], query, header }) => {
          if (query.get('X-Goog-Signature') !== this.#signature(path)) return wrongXml(400, 'ExpiredToken');
          const object = this.#objects.get(path);
          if (object === undefined) return wrongXml(404, 'NoSuchKey');
          return part(object, header('range'), query.get('response-content-disposition'));
        },
      ],
    ];
  }

  #signature(path: string): string {
    return createHmac('sha256', this.#secret).update(path).digest('hex');
  }
}

function part(object: Buffer, range: string | undefined, disposition: string | null): Answer {
  const headers = disposition === null ? {} : { 'Content-Disposition': disposition };
  const [, from] = /^bytes=(\d+)-$/.exec(range ?? '') ?? [];
  if (from === undefined) return { status: 200, bytes: object, headers };
  if (Number(from) >= object.length) return wrongXml(416, 'InvalidRange');
  const sent = { 'Content-Range': `bytes ${from}-${object.length - 1}/${object.length}`, ...headers };
  return { status: 206, bytes: object.subarray(Number(from)), headers: sent };
}
