import type { Environment } from '../config/environment.ts';
import { DeadlineHandler } from './deadline-handler.ts';

const connectionTimeout = 2_000;
const requestTimeout = 10_000;
const maxSockets = 64;

/** Variables by which an environment can provide credentials. */
const credentialVariables = [
  'AWS_ACCESS_KEY_ID',
  'AWS_PROFILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
];

/** Which service of AWS, and where it is. */
export interface ServicePlace {
  /** as in the names of variables: `KINESIS`, `S3`, … */
  readonly service: string;
  readonly region: string;
  /** absent: as the SDK finds it */
  readonly endpoint?: string | undefined;
  /** milliseconds for a whole answer; 10 s by default */
  readonly answerMillis?: number;
}

/**
 * What all our clients of AWS have in common: connections are kept, and every request ends in bounded
 * time (2 s to connect). None is repeated by the SDK, because each caller has its own way to persist.
 */
export function clientOptions(
  { service, region, endpoint, answerMillis = requestTimeout }: ServicePlace,
  environment: Environment,
) {
  const agent = { keepAlive: true, maxSockets };
  return {
    region,
    maxAttempts: 1,
    requestHandler: new DeadlineHandler(answerMillis, { connectionTimeout, httpAgent: agent, httpsAgent: agent }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...emulatorCredentials(endpoint ?? environment[`AWS_ENDPOINT_URL_${service}`], environment),
  };
}

function emulatorCredentials(endpoint: string | undefined, environment: Environment) {
  if (!wantsAny(endpoint, environment)) return {};
  return { credentials: { accessKeyId: 'emulator', secretAccessKey: 'emulator' } };
}

/** The same for a process that has an SDK of its own, as variables. */
export const emulatorVariables = (endpoint: string | undefined, environment: Environment): Record<string, string> =>
  wantsAny(endpoint, environment) ? { AWS_ACCESS_KEY_ID: 'emulator', AWS_SECRET_ACCESS_KEY: 'emulator' } : {};

/** AWS itself is reached by HTTPS only, so plain HTTP means an emulator, which wants any credentials. */
function wantsAny(endpoint: string | undefined, environment: Environment): boolean {
  const url = endpoint ?? environment.AWS_ENDPOINT_URL;
  const given = credentialVariables.some((name) => environment[name] !== undefined);
  return !given && url?.startsWith('http:') === true;
}
