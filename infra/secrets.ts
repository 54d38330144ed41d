import * as secretsmanager from '@pulumi/aws/secretsmanager/index.js';
import * as pulumi from '@pulumi/pulumi';
import { RandomId, RandomPassword } from '@pulumi/random';
import { Concern, type Setting } from './component.ts';
import type { Keys } from './keys.ts';

const passwordLength = 40;
/** How long one that was destroyed can be had back; until then its name is taken. */
const recoveryDays = 7;

/** Made once, kept in the encrypted state and in Secrets Manager; nobody types them. */
export class Secrets extends Concern {
  /** ARN of `{"key": …, "key_id": …}`, as the application's `hmacKeyFile` */
  readonly hmacKey: pulumi.Output<string>;
  /** the same with its version, as ECS has it: tasks are started anew when it changes */
  readonly hmacKeyVersion: pulumi.Output<string>;
  /** ARN of the text by which the service signs tokens of exports, `LAZULI_EXPORT_KEY` */
  readonly exportKey: pulumi.Output<string>;

  constructor(setting: Setting, keys: Keys, options: pulumi.ComponentResourceOptions) {
    super('Secrets', setting, options);
    const { current, other } = setting.stack.hmacKey;
    const both = {
      ...this.#hmacKey(setting, current),
      ...(other === undefined ? {} : { other: this.#hmacKey(setting, other) }),
    };
    const kept = keepVersion(setting, keys, 'hmac-key', pulumi.jsonStringify(both), this.mine);
    this.hmacKey = kept.arn;
    this.hmacKeyVersion = pulumi.interpolate`${kept.arn}:::${kept.versionId}`;
    const signing = password(setting.names.of('other', 'export-key'), this.mine);
    this.exportKey = keep(setting, keys, 'export-key', signing, this.mine);
    this.registerOutputs({ hmacKey: this.hmacKey, exportKey: this.exportKey });
  }

  /** One that no number names any more is gone. */
  #hmacKey({ names }: Setting, number: number) {
    const name = names.of('other', number === 1 ? 'hmac-key' : `hmac-key-${number}`);
    const id = new RandomId(name, { byteLength: 16 }, this.mine);
    return { key: password(name, this.mine), key_id: id.hex };
  }
}

/** A random text that OpenSearch takes as a password: it wants one of each kind; these need no escaping anywhere. */
export function password(name: string, options: pulumi.CustomResourceOptions): pulumi.Output<string> {
  const kinds = { minLower: 1, minUpper: 1, minNumeric: 1, minSpecial: 1, overrideSpecial: '-_.' };
  return new RandomPassword(name, { length: passwordLength, ...kinds }, options).result;
}

/**
 * A secret `lazuli/<stack>/<what>`. A stack whose data may be destroyed gives the name free with it.
 *
 * @param what words joined by `/`; a name that ends in a hyphen and six characters is taken for a part of an ARN
 * @returns its ARN, once it holds the text: a task that reads it before isn't started
 */
export const keep = (...of: Parameters<typeof keepVersion>): pulumi.Output<string> => keepVersion(...of).arn;

/** The same. @returns the version of the secret that holds the text */
function keepVersion(
  { names, stack }: Setting,
  { data }: Keys,
  what: string,
  text: pulumi.Input<string>,
  options: pulumi.CustomResourceOptions,
): secretsmanager.SecretVersion {
  const logical = names.of('other', what.replaceAll('/', '-'));
  const recoveryWindowInDays = stack.protect ? recoveryDays : 0;
  const name = `lazuli/${names.stack}/${what}`;
  const secret = new secretsmanager.Secret(logical, { name, kmsKeyId: data.arn, recoveryWindowInDays }, options);
  return new secretsmanager.SecretVersion(logical, { secretId: secret.id, secretString: text }, options);
}
