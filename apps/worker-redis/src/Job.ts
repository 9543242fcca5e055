/** What a worker is told to do: read one page of events. */
export interface Job {
  readonly page: number
  readonly size: number
}

/** What it answers. */
export interface Done {
  readonly events: number
}
