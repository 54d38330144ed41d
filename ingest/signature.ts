import { z } from 'zod';

/** Name in RFC 9421, 3.3.3 */
export const signatureAlgorithm = 'hmac-sha256';

const label = '[a-z*][a-z0-9_.*-]*';
const component = '"@?[a-z0-9-]+"';
const value = String.raw`(?:\d{1,12}|"(?:[ !#-[\]-~]|\\["\\])*")`;
const inputForm = new RegExp(`^(${label})=\\( *(${component}(?: +${component})*) *\\)((?:; *[a-z]+=${value})*)$`);
const parameterForm = new RegExp(`; *([a-z]+)=(${value})`, 'g');
/** 32 bytes */
const signatureForm = new RegExp(`^(${label})=:([A-Za-z0-9+/]{43}=):$`);

/** All that RFC 9421 has in its registry (2.3); times in whole seconds since the epoch. */
const parametersSchema = z.strictObject({
  created: z.int(),
  expires: z.int().optional(),
  nonce: z.string().optional(),
  alg: z.literal(signatureAlgorithm).optional(),
  keyid: z.string(),
  tag: z.string().optional(),
});

/** What the headers Signature-Input and Signature state; nothing of it has been checked against the request. */
export interface StatedSignature {
  readonly components: readonly string[];
  readonly parameters: z.output<typeof parametersSchema>;
  readonly bytes: Buffer;
}

/**
 * Reads the one form of signatures that is taken: one label, components without parameters, each once, and registered
 * parameters, each once. RFC 9421 allows more, in which a component that is named is not the one that is meant, and
 * what counts as covered is not what was signed.
 *
 * @throws Error that says what is wrong
 */
export function statedSignature(input: string, signature: string): StatedSignature {
  const [, name, listed = '', rest = ''] = inputForm.exec(input) ?? [];
  const [, signatureName, bytes] = signatureForm.exec(signature) ?? [];
  if (name === undefined) throw new Error('Signature-Input is not one label with plain components and parameters');
  if (bytes === undefined) throw new Error('Signature is not one label with 32 bytes');
  if (signatureName !== name) throw new Error('Signature and Signature-Input have different labels');
  const components = [...listed.matchAll(/"([^"]*)"/g)].map(([, each = '']) => each);
  const parameters = [...rest.matchAll(parameterForm)].map(
    ([, each = '', text = '']) => [each, unquoted(text)] as const,
  );
  if (hasTwice(components)) throw new Error('A component is listed twice');
  if (hasTwice(parameters.map(([each]) => each))) throw new Error('A parameter is given twice');
  return {
    components,
    parameters: parametersSchema.parse(Object.fromEntries(parameters)),
    bytes: Buffer.from(bytes, 'base64'),
  };
}

const unquoted = (text: string): string | number =>
  text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : Number(text);

const hasTwice = (names: readonly string[]): boolean => new Set(names).size < names.length;
