/** What a worker is told to do: read one page of events. */
export interface Job {
  readonly page: number
  readonly size: number
}

/** What it answers: how many events there were, or why it could not read them. */
export type Answer = { readonly events: number } | { readonly failure: string }
