import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js"
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js"
import { listen, type RefreshIssuer } from "oauth2-issuer"

/** An MCP server with one tool. It accepts the issuer's tokens, and names the issuer in its metadata (RFC 9728). */
export const startMcpServer = async ({ api, issuer }: RefreshIssuer) => {
  const server = await listen()
  const url = new URL("/mcp", server.url)
  const metadata = "/.well-known/oauth-protected-resource/mcp"
  const revoked = new Set<string>()
  let refusesAll = false

  const isAccepted = async (authorization: string) =>
    !refusesAll && !revoked.has(authorization) && (await fetch(api, { headers: { authorization } })).status === 200

  server.handle(async (request, response) => {
    if (request.url === metadata) {
      return void response.end(JSON.stringify({ resource: url.href, authorization_servers: [issuer] }))
    }
    if (request.url !== url.pathname) return void response.writeHead(404).end()
    // No stream of server messages, which the SDK opens at a time of its own: a test must know which requests are sent.
    if (request.method === "GET") return void response.writeHead(405).end()
    if (!(await isAccepted(request.headers.authorization ?? ""))) {
      const challenge = `Bearer error="invalid_token", resource_metadata="${server.url}${metadata}"`
      return void response.writeHead(401, { "www-authenticate": challenge }).end()
    }
    const orders = new McpServer({ name: "orders", version: "1.0.0" })
    orders.registerTool("total", {}, () => ({ content: [{ type: "text", text: "3 orders" }] }))
    const transport = new StreamableHTTPServerTransport()
    await orders.connect(transport)
    await transport.handleRequest(request, response)
  })
  return {
    url,
    /** From now on, the server refuses this access token, whose time is not over. */
    revoke: (accessToken: string) => void revoked.add(`Bearer ${accessToken}`),
    /** From now on, the server refuses all access tokens. */
    refuseAll: () => {
      refusesAll = true
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]()
  }
}

export type McpTestServer = Awaited<ReturnType<typeof startMcpServer>>
