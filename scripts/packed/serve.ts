import type * as Testing from "../../packages/providers/deeply/src/testing/index.ts"

type Handle = (request: Request) => Promise<Response>

/** A server on loopback: the fake Deeply server of the installed package with another handler. */
export const serve = async ({ startFakeDeeply }: typeof Testing, handle: Handle) =>
  Object.assign(await startFakeDeeply(), { handle })
