/** Somebody who calls: a person, or a service account. */
export interface Account {
  readonly email: string;
  /** of a person; service accounts get theirs for an assertion */
  readonly token?: string;
  readonly groups?: readonly string[];
  /** with SAM; default true */
  registered?: boolean;
  readonly verified?: boolean;
  /** of whom the token is: `123-abc.apps.googleusercontent.com`, or a number for a service account */
  readonly azp?: string;
  readonly sub?: string;
  /** SAM knows the e-mail under another unique id */
  readonly isOtherSubject?: boolean;
}
