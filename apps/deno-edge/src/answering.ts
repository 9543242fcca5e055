import { type DeeplyClient, isAuthError } from "@tokenkeep/deeply"

/** A handler for a server of Deno's, Bun's, a worker or any other that takes a Request and gives a Response. */
export const answering =
  ({ host, mics, status }: DeeplyClient) =>
  async ({ url }: Request): Promise<Response> => {
    const { pathname } = new URL(url)
    if (pathname === "/health") return Response.json({ host: host.name, token: status().state })
    if (pathname !== "/mics") return Response.json({ error: "not found" }, { status: 404 })
    try {
      const { results } = await mics.list({ size: 100 })
      return Response.json(results.map(({ name, status: state }) => `${name}: ${state}`))
    } catch (error) {
      if (!isAuthError(error)) throw error
      // The message is for whoever runs this, the code is for whoever asked.
      console.error(`${error.code}: ${error.message}`)
      return Response.json({ error: error.code }, { status: 502 })
    }
  }
