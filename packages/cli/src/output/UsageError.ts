/** A command line that cannot be run as it is: nothing was sent, and the fix is to write it differently. */
export class UsageError extends Error {
  override readonly name = "UsageError"
  readonly fix: string

  constructor(what: string, fix: string) {
    super(what)
    this.fix = fix
  }
}
