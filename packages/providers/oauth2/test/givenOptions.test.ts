import { assert, describe, it } from "@effect/vitest"
import { createOAuth2, type CreateOAuth2Options } from "@tokenkeep/oauth2"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import { startHandMade } from "./support/startHandMade.ts"

const client = { id: "app", secret: "s3cr3t-2f6c1d8e7b3a4950" }

describe("the options", () => {
  it("may be an instance of a class, with getters and inherited members", async () => {
    await using server = await startHandMade()
    const events: Array<string> = []
    class Base {
      readonly client = client
      readonly grant = { type: "client_credentials" } as const
      get keyName() {
        return "crm"
      }
      onTokenEvent({ type }: { readonly type: string }) {
        events.push(type)
      }
    }
    class Options extends Base implements CreateOAuth2Options {
      get baseUrl() {
        return server.url
      }
      get tokenEndpoint() {
        return `${server.url}/token`
      }
    }
    await using keep = createOAuth2(new Options())
    await keep.token()
    assert.isNotEmpty(events)
    assert.lengthOf(server.tokenRequests(), 1)
  })

  it("are copied: a later change of parameters changes nothing", async () => {
    await using server = await startHandMade()
    const parameters = { organization: "acme" }
    const grant = { type: "urn:example:grant", parameters: { customer: "acme" } } as const
    const resource = ["urn:example:orders"]
    const options = { baseUrl: server.url, tokenEndpoint: `${server.url}/token`, client, grant, parameters, resource }
    await using keep = createOAuth2(options)
    parameters.organization = "globex"
    Object.assign(grant.parameters, { customer: "globex" })
    resource.push("urn:example:stock")
    await keep.token()
    const [{ body } = assert.fail()] = server.tokenRequests()
    assert.deepStrictEqual(
      [body.get("organization"), body.get("customer"), body.getAll("resource")],
      ["acme", "acme", ["urn:example:orders"]]
    )
  })

  it("TOK-3: two endpoints of one issuer are two tokens, in one storage", async () => {
    await using server = await startHandMade({
      token: ({ path }) => ({ body: { access_token: `at-${path.slice(-1)}`, token_type: "bearer", expires_in: 60 } })
    })
    const storage = MemoryStorage.layer()
    const tokenOf = async (tenant: string) => {
      await using keep = createOAuth2({
        baseUrl: server.url,
        issuer: server.url,
        tokenEndpoint: `${server.url}/token/${tenant}`,
        client,
        grant: { type: "client_credentials" },
        storage
      })
      return (await keep.token()).reveal()
    }
    assert.deepStrictEqual([await tokenOf("a"), await tokenOf("b"), await tokenOf("a")], ["at-a", "at-b", "at-a"])
    assert.lengthOf(server.tokenRequests(), 2)
  })
})
