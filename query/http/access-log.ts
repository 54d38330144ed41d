import { finished } from 'node:stream/promises';
import type { Context, Next } from './state.ts';

const secretParameters = ['token', 'access_token'];

/** One line a request: who asked what, and how it ended. Neither tokens nor bodies are logged. */
export async function accessLog(ctx: Context, next: Next): Promise<void> {
  const start = performance.now();
  try {
    await next();
  } finally {
    void logged(ctx, start);
  }
}

async function logged(ctx: Context, start: number): Promise<void> {
  const complete = await finished(ctx.res).then(
    () => true,
    () => false,
  );
  const fields = {
    method: ctx.method,
    path: ctx.path.slice(0, 512),
    query: withoutSecrets(ctx.querystring),
    status: ctx.status,
    bytes: ctx.length,
    millis: Math.round(performance.now() - start),
    agent: ctx.get('User-Agent').slice(0, 256),
    complete,
  };
  ctx.state.log.info(fields, 'answered');
}

function withoutSecrets(query: string): string {
  const parameters = new URLSearchParams(query);
  for (const name of secretParameters) if (parameters.has(name)) parameters.set(name, 'redacted');
  return parameters.toString().slice(0, 2048);
}
