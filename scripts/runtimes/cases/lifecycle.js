// A token's life as a user of @tokenkeep/deeply sees it: written once, run in every runtime, over every storage and
// transport that is there.
import { createDeeply, isAuthError } from "@tokenkeep/deeply"
import { FetchTransport } from "@tokenkeep/transport-fetch"
import { KyTransport } from "@tokenkeep/transport-ky"
import { outcomeOf, rejection, same, until } from "./checks.js"
import { FakeHost } from "./FakeHost.js"

const path = "/api/v1/events?size=1"

const get = async (client) => {
  const response = await client.fetch(path)
  await response.text()
  return response.status
}

const times = (count, run) => Promise.all(Array.from({ length: count }, () => run()))

const codeOf = async (promise) => {
  const error = await rejection(promise)
  return isAuthError(error) ? error.code : `no AuthError: ${String(error)}`
}

const expectIssued = async (fake, expected) =>
  same((await fake.stats()).issued, expected, "the number of issued tokens")

const cases = {
  "TOK-2 many callers of a cold client cause one issue call": async ({ client, fake }) => {
    const cold = client()
    same(await times(10, () => get(cold)), Array(10).fill(200))
    const { issueCalls, requests } = await fake.stats()
    same({ issueCalls, requests }, { issueCalls: 1, requests: 10 })
  },
  "TOK-1 a fresh token is used again, and peek() has it": async ({ client, fake }) => {
    const warm = client()
    same(warm.peek(), undefined)
    await get(warm)
    const token = await warm.token()
    same([await get(warm), warm.peek() === token], [200, true])
    await expectIssued(fake, 1)
  },
  "REQ-1 an expired token is renewed, and the request sent once more": async ({ client, fake }) => {
    const warm = client()
    await get(warm)
    await fake.do("expireTokens")
    same(await get(warm), 200)
    const { issued, replays, requests, unauthorized } = await fake.stats()
    same({ issued, replays, requests, unauthorized }, { issued: 2, replays: 1, requests: 3, unauthorized: 1 })
  },
  "TOK-2 many requests with an expired token cause one issue call": async ({ client, fake }) => {
    const warm = client()
    await get(warm)
    await fake.do("expireTokens")
    same(await times(10, () => get(warm)), Array(10).fill(200))
    await expectIssued(fake, 2)
  },
  "REQ-1 a revoked token is replaced": async ({ client, fake }) => {
    const warm = client()
    await get(warm)
    await fake.do("revokeTokens")
    same(await get(warm), 200)
    await expectIssued(fake, 2)
  },
  "REQ-2 a body is sent once more": async ({ client, fake }) => {
    const warm = client()
    await get(warm)
    await fake.do("expireTokens")
    const response = await warm.fetch("/api/v1/events", { method: "POST", body: "what was heard" })
    // The API has nothing that takes a body: it says so, once it is authorized.
    same(response.status, 405)
    const { log } = await fake.stats()
    const sent = log.filter(({ method }) => method === "POST").map(({ bodyText, status }) => [status, bodyText])
    same(sent, [
      [401, "what was heard"],
      [405, "what was heard"]
    ])
  },
  "REQ-1 a second 401 is handed to the caller with its body": async ({ client, fake }) => {
    const warm = client()
    await get(warm)
    const body = { detail: { message: "Authentication token expired." } }
    await fake.do("script", [{ on: "general", times: 2, status: 401, body }])
    const response = await warm.fetch(path)
    same([response.status, await response.json()], [401, body])
    await expectIssued(fake, 2)
  },
  "REQ-1 a 403 renews nothing": async ({ client, fake }) => {
    const warm = client()
    await get(warm)
    await fake.do("script", [{ on: "general", status: 403, body: { detail: { message: "Not yours." } } }])
    same(await get(warm), 403)
    await expectIssued(fake, 1)
  },
  "TOK-10 a failing issuer is asked again": async ({ client, fake }) => {
    await fake.do("script", [{ on: "issue", status: 503 }])
    same(await get(client()), 200)
    same((await fake.stats()).issueCalls, 2)
  },
  "TOK-10 an issuer that answers something else is ISSUE_RESPONSE_INVALID": async ({ client, fake }) => {
    await fake.do("script", [{ on: "issue", status: 200, body: "<html>Log in</html>" }])
    same(await codeOf(get(client())), "ISSUE_RESPONSE_INVALID")
  },
  "KEY-2 a wrong key is API_KEY_REJECTED, and not asked about again": async ({ client, fake }) => {
    const wrong = client({ apiKey: "sk-nobody-knows-it" })
    same(await codeOf(get(wrong)), "API_KEY_REJECTED")
    same(await codeOf(get(wrong)), "API_KEY_REJECTED")
    const { issueCalls, requests } = await fake.stats()
    same({ issueCalls, requests }, { issueCalls: 1, requests: 0 })
  },
  "KEY-3 a rotated key is used without a restart": async ({ client, fake }) => {
    let key = fake.apiKey
    const rotating = client({ apiKey: () => key })
    await get(rotating)
    key = await fake.do("rotateKey")
    await fake.do("revokeTokens")
    same(await get(rotating), 200)
    await expectIssued(fake, 2)
  },
  "a missing key is API_KEY_MISSING": async ({ client, fake }) => {
    same(await codeOf(get(client({ apiKey: () => undefined }))), "API_KEY_MISSING")
    same((await fake.stats()).issueCalls, 0)
  },
  "SEC-2 a key that cannot be one is API_KEY_MALFORMED": async ({ client }) => {
    try {
      client({ apiKey: "two words" })
    } catch (error) {
      return same(isAuthError(error) && error.code, "API_KEY_MALFORMED")
    }
    throw new Error("it was taken")
  },
  "KEY-4 TOK-3 two clients on one storage share a token": async ({ client, fake }) => {
    const [first, second] = [client(), client()]
    same(await Promise.all([get(first), get(second)]), [200, 200])
    await expectIssued(fake, 1)
    await fake.do("expireTokens")
    same(await Promise.all([get(first), get(second)]), [200, 200])
    await expectIssued(fake, 2)
  },
  "TOK-7 a caller that gives up takes nothing from the others": async ({ client, fake }) => {
    await fake.do("script", [{ on: "issue", delay: 200 }])
    const cold = client()
    const stop = new AbortController()
    const gaveUp = rejection(cold.fetch(path, { signal: stop.signal }))
    const stays = get(cold)
    stop.abort(new Error("gave up"))
    same((await gaveUp).message, "gave up")
    same(await stays, 200)
    await expectIssued(fake, 1)
  },
  "RUN-2 dispose ends those who wait with DISPOSED, and every later call": async ({ client, fake }) => {
    await fake.do("script", [{ on: "issue", hang: true }])
    const cold = client()
    const waiting = codeOf(get(cold))
    await until("the issuer is asked", async () => (await fake.stats()).issueCalls === 1)
    await cold.dispose()
    same([await waiting, await codeOf(get(cold))], ["DISPOSED", "DISPOSED"])
  },
  "REQ-3 a redirect within the origin keeps the token": async ({ client, fake }) => {
    const to = `${new URL(fake.host.baseUrl).pathname}/api/v1/mics?size=1`
    await fake.do("script", [{ on: "general", redirect: to, status: 307 }])
    same(await get(client()), 200)
    const { log } = await fake.stats()
    same(
      log.map(({ authorization, path: asked }) => [asked.split("?")[0], authorization]),
      [
        ["/api/v1/auth/reissue", "api-key"],
        ["/api/v1/events", "access-token"],
        ["/api/v1/mics", "access-token"]
      ]
    )
  },
  "REQ-3 another origin is ORIGIN_NOT_ALLOWED, before anything is sent": async ({ client, fake }) => {
    same(await codeOf(client().fetch("https://elsewhere.test/")), "ORIGIN_NOT_ALLOWED")
    const { issueCalls, requests } = await fake.stats()
    same([issueCalls, requests], [0, 0])
  },
  "REQ-4 plain http is INSECURE_ORIGIN, unless it was named": async ({ client }) => {
    try {
      client({ host: "http://192.0.2.7:8100" })
    } catch (error) {
      return same(isAuthError(error) && error.code, "INSECURE_ORIGIN")
    }
    throw new Error("it was taken")
  },
  "the typed client reads every page": async ({ client, fake }) => {
    const warm = client()
    const { results, total_cnt } = await warm.events.list({ size: 2 })
    same([results.length, total_cnt], [2, 100])
    let events = 0
    for await (const { id } of warm.events.all({ size: 40 })) events += typeof id === "string" ? 1 : 0
    same(events, 100)
    same((await warm.mics.list({ size: 1 })).results.length, 1)
    await expectIssued(fake, 1)
  },
  "the typed client tells API_ERROR, TRANSPORT_FAILED and RESPONSE_INVALID apart": async ({ client, fake }) => {
    const warm = client()
    await get(warm)
    same(await codeOf(warm.events.get("no-such-event")), "API_ERROR")
    await fake.do("script", [{ on: "general", status: 200, body: "<html></html>" }])
    same(await codeOf(warm.events.get("an-event")), "RESPONSE_INVALID")
    // More than once, because platforms send again by themselves what broke on a connection that was used before.
    await fake.do("script", [{ on: "general", times: 1_000, reset: true }])
    same(await codeOf(warm.events.get("an-event")), "TRANSPORT_FAILED")
  },
  "SEC-1 nothing that is printed holds the key or the token": async ({ client, fake }) => {
    const warm = client()
    const token = await warm.token()
    const error = await rejection(get(client({ apiKey: "sk-nobody-knows-it" })))
    const printed = [
      `${token}`,
      JSON.stringify([token, warm.status(), warm]),
      `${error.stack}`,
      JSON.stringify(error)
    ].join()
    const secrets = [fake.apiKey, "sk-nobody-knows-it"]
    same(
      secrets.filter((secret) => printed.includes(secret)),
      [],
      "what shows"
    )
    same(/redacted/.test(`${token}`), true, "whether the token says that it is redacted")
  }
}

const transports = { fetch: FetchTransport.layer(), ky: KyTransport.layer() }

/** Runs one case with a server, a place and clients of its own. */
const runCase = async (check, { driver, place, transport }) => {
  const fake = await FakeHost.open(driver, { rateLimits: false })
  const open = place()
  const clients = []
  const client = (options) => {
    const made = createDeeply({ apiKey: fake.apiKey, host: fake.host, transport, storage: open(), ...options })
    clients.push(made)
    return made
  }
  try {
    await check({ client, fake })
  } finally {
    await Promise.all(clients.map((made) => made.dispose()))
  }
}

/** Runs every case over each transport and one kind of storage; `place` makes a place, which can be opened again. */
export const checkLifecycle = async ({ driver, place, title }) => {
  const over = async ([name, transport]) => {
    const results = []
    for (const [promise, check] of Object.entries(cases)) {
      const run = () => runCase(check, { driver, place, transport })
      results.push(await outcomeOf(`${name}, ${title}: ${promise}`, run))
    }
    return results
  }
  return (await Promise.all(Object.entries(transports).map(over))).flat()
}
