import { TokenkeepError } from "./TokenkeepError.ts"

/** Frames of effect and of the engine: they run everything, so they say nothing about a failure. */
const runtimeFrame = /node_modules[\\/]effect[\\/]|~effect\/|FiberImpl|Generator\.next|node:/

const framesOf = (stack = ""): ReadonlyArray<string> =>
  stack.split("\n").filter((line) => /^\s+at /.test(line) && !runtimeFrame.test(line))

/**
 * A failure as one caller gets it. A renewal fails for all callers who wait for it, and its own stack ends in the runtime:
 * each caller gets a copy, whose stack goes on with the functions that await it. Call this in an async function that the
 * caller awaits. In an engine that does not know those functions, the stack ends inside this package.
 */
export const withCallerFrames = (error: unknown): unknown => {
  if (!(error instanceof TokenkeepError)) return error
  const [, ...callers] = framesOf(new Error().stack)
  const copy = new TokenkeepError(error as never)
  copy.stack = [`${error.name}: ${error.message}`, ...framesOf(error.stack), ...callers].join("\n")
  return copy
}
