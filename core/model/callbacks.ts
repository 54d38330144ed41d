import type { BundleFqid } from './bundle.ts';

/** What a change does to a bundle, as the path of a callback says it. */
export type ChangeAction = 'add' | 'delete';

/** A change of a bundle that a data store reports. */
export interface ReportedChange {
  readonly action: ChangeAction;
  readonly fqid: BundleFqid;
}

/** How a repository reports changes by itself: it posts to URLs of ours to which we have subscribed. */
export interface Callbacks {
  /**
   * What a callback says. Nothing is asked for it.
   *
   * @param body a JSON object whose signature was checked
   * @param said what the URL says that it was posted to: it counts where the body doesn't say itself
   * @returns null for a bundle that is in none of the configured sources
   * @throws LazuliError `bad_request` that says what is wrong with it
   */
  changeOf(body: Readonly<Record<string, unknown>>, said: ChangeAction): ReportedChange | null;
  /**
   * Compares the subscriptions that there are with those that are wanted. Nothing is changed.
   *
   * @throws LazuliError `configuration_invalid` without credentials, `repository_unavailable`, `forbidden`
   */
  subscriptions(wanted: WantedCallbacks, signal: AbortSignal): Promise<readonly SubscriptionChange[]>;
}

/** Where callbacks are to go. */
export interface WantedCallbacks {
  /** empty: none is wanted */
  readonly callbacks: readonly WantedCallback[];
  /** whether a URL that somebody has subscribed to is one of ours: others are left alone */
  readonly isOurs: (url: string) => boolean;
}

export interface WantedCallback {
  readonly action: ChangeAction;
  readonly url: string;
  /** the key with which it is to be signed */
  readonly keyId: string;
  readonly secret: string;
}

/** A subscription, and what is to become of it. Those to make come before those to delete: no change is missed in between. */
export interface SubscriptionChange {
  readonly change: 'kept' | 'created' | 'deleted';
  /** of the store */
  readonly store: string;
  readonly url: string;
  readonly keyId: string | null;
  /** null before it is made */
  readonly id: string | null;
  /**
   * Makes it so; of one that is kept nothing.
   *
   * @returns the id
   * @throws LazuliError `repository_unavailable`, `forbidden`, `conflict`
   */
  apply(signal: AbortSignal): Promise<string>;
}
