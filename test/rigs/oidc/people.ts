/** Who can sign in, and what the provider says of them. */
export interface Person {
  /** claim `groups` */
  readonly groups: readonly string[];
  /** claim `email`, which is verified; absent: made of the subject */
  readonly email?: string;
  /** further claims of access tokens */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** By their subjects. Whoever is taken out can't sign in any more; tokens that were given stay as they are. */
export type People = Map<string, Person>;

export const claimsOf = (subject: string, { groups, email, claims }: Person): Record<string, unknown> => ({
  groups,
  email: email ?? `${subject}@example.org`,
  email_verified: true,
  ...claims,
});
