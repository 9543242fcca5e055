import { type DeeplyClient, isTokenkeepError } from "@tokenkeep/deeply"

/** Lists the microphones. Works in every server that maps a Request to a Response, such as Deno, Bun and workers. */
export const createHandler =
  ({ host, mics, status }: DeeplyClient) =>
  async ({ url }: Request): Promise<Response> => {
    const { pathname } = new URL(url)
    if (pathname === "/health") return Response.json({ host: host.name, token: status().state })
    if (pathname !== "/mics") return Response.json({ error: "not found" }, { status: 404 })
    try {
      const { results } = await mics.list({ size: 100 })
      return Response.json(results.map(({ name, status: state }) => `${name}: ${state}`))
    } catch (error) {
      if (!isTokenkeepError(error)) throw error
      // The log gets the message, the caller only the code.
      console.error(`${error.code}: ${error.message}`)
      return Response.json({ error: error.code }, { status: 502 })
    }
  }
