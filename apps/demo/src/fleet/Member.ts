/** What a member of the fleet is started with. */
export interface MemberJob {
  readonly apiKey: string
  readonly url: string
  /** `redis://…`, or a directory. */
  readonly place: string
  readonly callers: number
}

/** What a member tells every now and then. */
export interface MemberNews {
  readonly requests: number
  readonly failed: number
  readonly issued: number
  readonly adopted: number
  /** Milliseconds that its last renewal took, from the need to the token. */
  readonly renewalMillis: number
  /** Whether it has the right to renew for all, or waits for whoever has. */
  readonly lease: "none" | "held" | "waiting"
}
