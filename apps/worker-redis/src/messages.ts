/** The page of events that a worker should read. */
export interface Job {
  readonly page: number
  readonly size: number
}

/** How many events the page had, or why the worker could not read it. */
export type JobResult = { readonly events: number } | { readonly failure: string }
