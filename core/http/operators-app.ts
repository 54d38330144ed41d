import type Koa from 'koa';
import { z } from 'zod';
import { appOf, type OperatorsOptions } from './app.ts';
import type { ApiDescription } from './documentation/document.ts';
import { withOpenApi } from './documentation/operations.ts';
import { type Operation, operation } from './operation.ts';
import { routerByMethod } from './router.ts';
import type { RequestState } from './state.ts';

/** Of operations that only operators are offered. */
export const operatorsTag = 'Operators';

/** A port for operators: what can be asked there. */
export interface OperatorsApi {
  readonly title: string;
  readonly description: string;
  readonly operations: readonly Operation[];
}

const basicHealth = operation({
  ...{ method: 'get', path: '/health/basic', id: 'getHealthBasic', tag: 'Auxiliary' },
  summary: 'Whether this process answers',
  answer: { description: 'It does.', schema: z.object({ up: z.literal(true) }) },
  handle: () => ({ up: true as const }),
});

/** What the OpenAPI document says of such a port as a whole. */
export const describedPort = ({ title, description }: OperatorsApi): ApiDescription => ({
  title,
  description: `${description} The port needs no credentials, and refuses pages of other origins and foreign hosts.`,
  version: '1.0',
  tags: [
    { name: operatorsTag, description: 'What operators and the command line ask for' },
    { name: 'Auxiliary', description: 'State and documentation of this process' },
  ],
});

/** All operations of such a port: `/health/basic` and `/openapi` are at each. */
export const portOperations = (api: OperatorsApi): readonly Operation[] =>
  withOpenApi([...api.operations, basicHealth], describedPort(api));

/** Such a port as a Koa application. */
export const operatorsApp = (api: OperatorsApi, options: OperatorsOptions): Koa<RequestState> =>
  appOf(routerByMethod(portOperations(api)), { ...options, audience: 'operators' });
