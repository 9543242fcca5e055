/** What a worker has done. */
export interface WorkerResult {
  readonly requests: number
  readonly failures: ReadonlyArray<string>
}
