import type { Alteration } from './altering-proxy.ts';

/** Parsed JSON whose members a test changes. */
// biome-ignore lint/suspicious/noExplicitAny: what is altered may be anything
export type Body = any;

/** Another answer. */
export const instead =
  (status: number, text: string): Alteration =>
  () => ({ status, text });

/** The same answer, of which something is otherwise. */
export const altered =
  (alter: (body: Body) => void): Alteration =>
  ({ status, text }) => {
    const body = JSON.parse(text);
    alter(body);
    return { status, text: JSON.stringify(body) };
  };

/** An error in the words of OpenSearch. */
export const refused = (status: number, type: string): Alteration =>
  instead(status, JSON.stringify({ error: { type }, status }));

/** Answers that are none, whatever was asked and whoever asks. */
export const ofNobody: Readonly<Record<string, Alteration>> = {
  'is the page of a proxy': instead(200, '<!doctype html><title>Sign in</title>'),
  'is empty': instead(200, ''),
  'is an object without members': instead(200, '{}'),
  'is null': instead(200, 'null'),
  'is a list': instead(200, '[]'),
  'sends elsewhere': instead(302, ''),
  'lets nobody in': instead(401, 'Unauthorized'),
  'forbids it': refused(403, 'security_exception'),
  'is of a proxy that knows no such path': instead(404, '<!doctype html>'),
  'tells of a fault': refused(500, 'null_pointer_exception'),
  'tells of no manager': refused(503, 'cluster_manager_not_discovered_exception'),
};
