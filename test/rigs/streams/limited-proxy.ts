import { kinesisForm, operationOf } from './fault-proxy.ts';
import { type Exchange, startInjectingProxy } from './injecting-proxy.ts';

/** What Kinesis allows of a shard in a second (documentation of GetRecords). */
const maxReads = 5;
const maxBytes = 2 * 2 ** 20;
const second = 1000;

/** A proxy before the emulator that lets a stream of one shard be read no more than Kinesis does. */
export interface LimitedProxy extends AsyncDisposable {
  readonly url: string;
  readonly reads: { allowed: number; refused: number };
}

export async function startLimitedProxy(target: string): Promise<LimitedProxy> {
  const reads = { allowed: 0, refused: 0 };
  let recent: { readonly at: number; readonly bytes: number }[] = [];
  const limited = async ({ body, forward, send }: Exchange): Promise<void> => {
    const now = performance.now();
    recent = recent.filter(({ at }) => now - at < second);
    if (recent.length >= maxReads || recent.reduce((sum, { bytes }) => sum + bytes, 0) >= maxBytes) {
      reads.refused++;
      return send(400, JSON.stringify({ __type: 'ProvisionedThroughputExceededException', message: 'Rate exceeded' }));
    }
    reads.allowed++;
    const read = { at: now, bytes: 0 };
    recent.push(read);
    const { status, text } = await forward(body);
    read.bytes = text.length;
    send(status, text);
  };
  const proxy = await startInjectingProxy<
    { readonly kind: 'limited' },
    { readonly fault: { readonly kind: 'limited' } }
  >(target, {
    applies: (_rule, request) => operationOf(request) === 'GetRecords',
    inject: limited,
    ...kinesisForm,
  });
  proxy.add({ fault: { kind: 'limited' } });
  return { url: proxy.url, reads, [Symbol.asyncDispose]: () => proxy.close() };
}
