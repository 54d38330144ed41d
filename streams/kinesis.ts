import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Settings } from '../config/settings.ts';

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

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A client of Kinesis: connections are kept, every request ends in bounded time (2 s to connect, 10 s
 * for an answer), and none is repeated by the SDK, because each caller has its own way to persist.
 */
export function createKinesisClient(
  { kinesis: { endpoint, region } }: Pick<Settings, 'kinesis'>,
  environment: Environment = process.env,
): KinesisClient {
  const agent = { keepAlive: true, maxSockets };
  return new KinesisClient({
    region,
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({
      connectionTimeout,
      requestTimeout,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...emulatorCredentials(endpoint, environment),
  });
}

/** Kinesis itself is reached by HTTPS only, so plain HTTP means an emulator, which wants any credentials. */
function emulatorCredentials(endpoint: string | undefined, environment: Environment) {
  const url = endpoint ?? environment.AWS_ENDPOINT_URL_KINESIS ?? environment.AWS_ENDPOINT_URL;
  const given = credentialVariables.some((name) => environment[name] !== undefined);
  if (given || !url?.startsWith('http:')) return {};
  return { credentials: { accessKeyId: 'emulator', secretAccessKey: 'emulator' } };
}
