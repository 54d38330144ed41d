import * as secretsmanager from '@pulumi/aws/secretsmanager/index.js';
import * as pulumi from '@pulumi/pulumi';
import { RandomId, RandomPassword } from '@pulumi/random';
import { Concern, type Setting } from './component.ts';
import type { Keys } from './keys.ts';

const passwordLength = 40;
const recoveryDays = 7;

/** Made once, kept in the encrypted state and in Secrets Manager; nobody types them. */
export class Secrets extends Concern {
  /** `{"key": …, "key_id": …}`, as the application's `hmacKeyFile` */
  readonly hmacKey: secretsmanager.Secret;
  /** passwords of the search domain's users */
  readonly writer: secretsmanager.Secret;
  readonly reader: secretsmanager.Secret;

  constructor(setting: Setting, keys: Keys, options: pulumi.ComponentResourceOptions) {
    super('Secrets', setting, options);
    const { names } = setting;
    const name = names.of('other', 'hmac-key');
    const { result: key } = this.#password(names.of('other', 'hmac-key'));
    const id = new RandomId(name, { byteLength: 16 }, this.mine);
    this.hmacKey = this.#secret(setting, keys, 'hmac-key', pulumi.jsonStringify({ key, key_id: id.hex }));
    this.writer = this.password(setting, keys, 'search-writer');
    this.reader = this.password(setting, keys, 'search-reader');
    this.registerOutputs({ hmacKey: this.hmacKey.arn });
  }

  /** A secret that is a password. */
  password(setting: Setting, keys: Keys, what: string): secretsmanager.Secret {
    return this.#secret(setting, keys, what, this.#password(setting.names.of('other', what)).result);
  }

  #password(name: string): RandomPassword {
    // OpenSearch wants one of each kind; these special characters need no escaping anywhere.
    const kinds = { minLower: 1, minUpper: 1, minNumeric: 1, minSpecial: 1, overrideSpecial: '-_.' };
    return new RandomPassword(name, { length: passwordLength, ...kinds }, this.mine);
  }

  #secret({ names }: Setting, { data }: Keys, what: string, text: pulumi.Output<string>): secretsmanager.Secret {
    const name = names.of('other', what);
    const secret = new secretsmanager.Secret(
      name,
      { name: `lazuli/${names.stack}/${what}`, kmsKeyId: data.arn, recoveryWindowInDays: recoveryDays },
      this.mine,
    );
    new secretsmanager.SecretVersion(name, { secretId: secret.id, secretString: text }, this.mine);
    return secret;
  }
}
