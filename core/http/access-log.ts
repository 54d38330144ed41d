import { finished } from 'node:stream/promises';
import type { Context, Next } from './state.ts';

/** Parameters that let who reads them act as the caller, in lower case. */
const secretParameters: ReadonlySet<string> = new Set([
  'token',
  'access_token',
  'id_token',
  'code',
  'signature',
  'x-amz-credential',
  'x-amz-security-token',
  'x-amz-signature',
]);

/** One line a request: who asked what, and how it ended. Tokens, signatures and bodies are not logged. */
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
    path: pathWithoutSecrets(ctx).slice(0, 512),
    query: withoutSecrets(ctx.querystring),
    status: ctx.status,
    bytes: ctx.length,
    millis: Math.round(performance.now() - start),
    agent: ctx.get('User-Agent').slice(0, 256),
    complete,
  };
  ctx.state.log.info(fields, 'answered');
}

/** Parts of a path are called as the operation declares them. */
function pathWithoutSecrets(ctx: Context): string {
  const params: Readonly<Record<string, string>> = ctx.params ?? {};
  const secrets = Object.entries(params).filter(([name]) => secretParameters.has(name.toLowerCase()));
  return secrets.reduce((path, [, value]) => path.replaceAll(encodeURIComponent(value), 'redacted'), ctx.path);
}

function withoutSecrets(query: string): string {
  const shown = new URLSearchParams();
  for (const [name, value] of new URLSearchParams(query)) {
    shown.append(name, secretParameters.has(name.toLowerCase()) ? 'redacted' : value);
  }
  return String(shown).slice(0, 2048);
}
