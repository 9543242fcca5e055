// The life of a token as a user of @tokenkeep/deeply sees it: written once, run in every runtime, over every storage and
// transport that the runtime has.
import { createDeeply, isTokenkeepError } from "@tokenkeep/deeply"
import { FetchTransport } from "@tokenkeep/transport-fetch"
import { KyTransport } from "@tokenkeep/transport-ky"
import { outcomeOf, rejection, same } from "./checks.js"
import { FakeHost } from "./FakeHost.js"

const path = "/api/v1/events?size=1"

const get = async (client) => {
  const response = await client.fetch(path)
  await response.text()
  return response.status
}

const tenTimes = (client) => Promise.all(Array.from({ length: 10 }, () => get(client)))
const ten200s = Array(10).fill(200)

const codeOf = async (promise) => {
  const error = await rejection(promise)
  return isTokenkeepError(error) ? error.code : `no TokenkeepError: ${String(error)}`
}

/** The code of the error that `make` throws before it returns a client. */
const codeThrownBy = (make) => codeOf(Promise.resolve().then(make))

// `client` makes a client, and `warm` makes one that has sent a request already.
const cases = {
  "TOK-2 ten callers of a cold client cause one token request": async ({ client, fake }) => {
    same(await tenTimes(client()), ten200s)
    await fake.counted({ tokenRequests: 1, requests: 10 })
  },
  "TOK-1 a fresh token is used again, and peek() returns it": async ({ client, fake }) => {
    const used = client()
    same(used.peek(), undefined)
    await get(used)
    const token = await used.token()
    same([await get(used), used.peek() === token], [200, true])
    await fake.counted({ issued: 1 })
  },
  "REQ-1 an expired token is renewed, and the request is sent again": async ({ fake, warm }) => {
    const client = await warm()
    await fake.do("expireTokens")
    same(await get(client), 200)
    await fake.counted({ issued: 2, replays: 1, requests: 3, unauthorized: 1 })
  },
  "TOK-2 ten requests with an expired token cause one token request": async ({ fake, warm }) => {
    const client = await warm()
    await fake.do("expireTokens")
    same(await tenTimes(client), ten200s)
    await fake.counted({ issued: 2 })
  },
  "REQ-1 a revoked token is replaced": async ({ fake, warm }) => {
    const client = await warm()
    await fake.do("revokeTokens")
    same(await get(client), 200)
    await fake.counted({ issued: 2 })
  },
  "REQ-2 a body is sent again": async ({ fake, warm }) => {
    const client = await warm()
    await fake.do("expireTokens")
    const response = await client.fetch("/api/v1/events", { method: "POST", body: "a sound" })
    // No endpoint of the API takes a body: an authorized POST gets a 405.
    same(response.status, 405)
    const { log } = await fake.stats()
    const sent = log.filter(({ method }) => method === "POST").map(({ bodyText, status }) => `${status} ${bodyText}`)
    same(sent, ["401 a sound", "405 a sound"])
  },
  "REQ-1 the caller gets a second 401 with its body": async ({ fake, warm }) => {
    const client = await warm()
    const body = { detail: { message: "Authentication token expired." } }
    await fake.do("script", [{ on: "general", times: 2, status: 401, body }])
    const response = await client.fetch(path)
    same([response.status, await response.json()], [401, body])
    await fake.counted({ issued: 2 })
  },
  "REQ-1 a 403 renews nothing": async ({ fake, warm }) => {
    const client = await warm()
    await fake.do("script", [{ on: "general", status: 403, body: { detail: { message: "Not yours." } } }])
    same(await get(client), 403)
    await fake.counted({ issued: 1 })
  },
  "TOK-10 a failed token request is sent again": async ({ client, fake }) => {
    await fake.do("script", [{ on: "token-request", status: 503 }])
    same(await get(client()), 200)
    await fake.counted({ tokenRequests: 2 })
  },
  "TOK-10 a token response of another kind is TOKEN_RESPONSE_INVALID": async ({ client, fake }) => {
    await fake.do("script", [{ on: "token-request", status: 200, body: "<html>Log in</html>" }])
    same(await codeOf(get(client())), "TOKEN_RESPONSE_INVALID")
  },
  "OBS-4 the stack of an error names the function that awaits the call, for each of many callers": async ({
    client
  }) => {
    const wrong = client({ apiKey: "not-a-key" })
    // Bun does not name arrow functions.
    async function firstCaller() {
      await wrong.token()
    }
    async function secondCaller() {
      await wrong.fetch(path)
    }
    const [first, second] = await Promise.all([rejection(firstCaller()), rejection(secondCaller())])
    same([/firstCaller/.test(first.stack), /secondCaller/.test(second.stack)], [true, true])
    same([/secondCaller/.test(first.stack), /firstCaller/.test(second.stack)], [false, false])
  },
  "KEY-2 a wrong key is API_KEY_REJECTED, and is not sent again": async ({ client, fake }) => {
    const wrong = client({ apiKey: "sk-unknown" })
    same(await codeOf(get(wrong)), "API_KEY_REJECTED")
    same(await codeOf(get(wrong)), "API_KEY_REJECTED")
    await fake.counted({ tokenRequests: 1, requests: 0 })
  },
  "KEY-3 a rotated key is used without a restart": async ({ fake, warm }) => {
    let key = fake.apiKey
    const rotating = await warm({ apiKey: () => key })
    key = await fake.do("rotateKey")
    await fake.do("revokeTokens")
    same(await get(rotating), 200)
    await fake.counted({ issued: 2 })
  },
  "a missing key is API_KEY_MISSING": async ({ client, fake }) => {
    same(await codeOf(get(client({ apiKey: () => undefined }))), "API_KEY_MISSING")
    await fake.counted({ tokenRequests: 0 })
  },
  "SEC-2 a key that cannot be one is API_KEY_MALFORMED": async ({ client }) =>
    same(await codeThrownBy(() => client({ apiKey: "two words" })), "API_KEY_MALFORMED"),
  "KEY-4 TOK-3 two clients on one storage share a token": async ({ client, fake }) => {
    const both = [client(), client()]
    same(await Promise.all(both.map(get)), [200, 200])
    await fake.counted({ issued: 1 })
    await fake.do("expireTokens")
    same(await Promise.all(both.map(get)), [200, 200])
    await fake.counted({ issued: 2 })
  },
  "TOK-7 a caller that gives up does not disturb the others": async ({ client, fake }) => {
    await fake.do("script", [{ on: "token-request", delay: 200 }])
    const cold = client()
    const stop = new AbortController()
    const gaveUp = rejection(cold.fetch(path, { signal: stop.signal }))
    const stays = get(cold)
    stop.abort(new Error("gave up"))
    same((await gaveUp).message, "gave up")
    same(await stays, 200)
    await fake.counted({ issued: 1 })
  },
  "RUN-2 dispose() fails waiting and later requests with DISPOSED": async ({ client, fake }) => {
    await fake.do("script", [{ on: "token-request", hang: true }])
    const cold = client()
    const waiting = codeOf(get(cold))
    while ((await fake.stats()).tokenRequests === 0);
    await cold.dispose()
    same([await waiting, await codeOf(get(cold))], ["DISPOSED", "DISPOSED"])
  },
  "REQ-3 a redirect within the origin keeps the token": async ({ client, fake }) => {
    const to = `${new URL(fake.host.baseUrl).pathname}/api/v1/mics?size=1`
    await fake.do("script", [{ on: "general", redirect: to, status: 307 }])
    same(await get(client()), 200)
    const { log } = await fake.stats()
    same(
      log.map(({ authorization, path: requested }) => `${requested.split("?")[0]} ${authorization}`),
      ["/api/v1/auth/reissue api-key", "/api/v1/events access-token", "/api/v1/mics access-token"]
    )
  },
  "REQ-3 another origin is ORIGIN_NOT_ALLOWED, before anything is sent": async ({ client, fake }) => {
    same(await codeOf(client().fetch("https://elsewhere.test/")), "ORIGIN_NOT_ALLOWED")
    await fake.counted({ tokenRequests: 0, requests: 0 })
  },
  "REQ-4 plain http is INSECURE_ORIGIN, unless the host allows it": async ({ client }) =>
    same(await codeThrownBy(() => client({ host: "http://192.0.2.7:8100" })), "INSECURE_ORIGIN"),
  "the typed client reads every page": async ({ client, fake }) => {
    const { events, mics } = client()
    const { results, total_cnt } = await events.list({ size: 2 })
    same([results.length, total_cnt], [2, 100])
    let read = 0
    for await (const { id } of events.all({ size: 40 })) read += typeof id === "string" ? 1 : 0
    same(read, 100)
    same((await mics.list({ size: 1 })).results.length, 1)
    await fake.counted({ issued: 1 })
  },
  "the typed client tells API_ERROR, RESPONSE_INVALID and TRANSPORT_FAILED apart": async ({ fake, warm }) => {
    const { events } = await warm()
    same(await codeOf(events.get("no-such-event")), "API_ERROR")
    await fake.do("script", [{ on: "general", status: 200, body: "<html></html>" }])
    same(await codeOf(events.get("an-event")), "RESPONSE_INVALID")
    // More than once: platforms repeat a request by themselves when a connection that was used before breaks.
    await fake.do("script", [{ on: "general", times: 1_000, reset: true }])
    same(await codeOf(events.get("an-event")), "TRANSPORT_FAILED")
  },
  "SEC-1 no printed value contains the key or the token": async ({ client, fake, warm }) => {
    const used = await warm()
    const token = await used.token()
    const error = await rejection(get(client({ apiKey: "sk-unknown" })))
    const printed = [`${token}`, JSON.stringify([token, used.status(), used, error]), `${error.stack}`].join()
    const secrets = [fake.apiKey, "sk-unknown"]
    same(
      secrets.map((secret) => printed.includes(secret)),
      [false, false],
      "whether the keys are printed"
    )
    same(/redacted/.test(`${token}`), true, "whether the token prints as redacted")
  }
}

const transports = { fetch: FetchTransport.layer(), ky: KyTransport.layer() }

/** Runs one case with a server, a place in the storage and clients of its own. */
const runCase = async (check, { driver, place, transport }) => {
  const fake = await FakeHost.open(driver)
  const open = place()
  const clients = []
  const client = (options) => {
    const made = createDeeply({ apiKey: fake.apiKey, host: fake.host, transport, storage: open(), ...options })
    clients.push(made)
    return made
  }
  const warm = async (options) => {
    const made = client(options)
    await get(made)
    return made
  }
  try {
    await check({ client, fake, warm })
  } finally {
    await Promise.all(clients.map((made) => made.dispose()))
  }
}

/** Runs every case over each transport and one kind of storage. `place` returns a function that opens a new place. */
export const checkLifecycle = async ({ driver, place, title }) => {
  const over = async ([name, transport]) => {
    const outcomes = []
    for (const [promise, check] of Object.entries(cases)) {
      const run = () => runCase(check, { driver, place, transport })
      outcomes.push(await outcomeOf(`${name}, ${title}: ${promise}`, run))
    }
    return outcomes
  }
  return (await Promise.all(Object.entries(transports).map(over))).flat()
}
