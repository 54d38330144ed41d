/** What a smoke test found wrong, and what to do about it. */
export class SmokeFailure extends Error {
  override readonly name = 'SmokeFailure';
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}
