/** What the exit code of the command means. */
export const exitCodes = {
  ok: 0,
  /** A typed error, a finding of `doctor`, or a connection that failed. */
  failed: 1,
  /** A wrong command, option or configuration: nothing was sent. */
  usage: 2,
  /** `request` got a response with a status from 400 to 499. */
  clientError: 4,
  /** `request` got a response with a status of 500 or above. */
  serverError: 5,
  /** 128 and the number of the signal, as shells count. */
  interrupted: 130,
  brokenPipe: 141
} as const
