import { request } from "undici"
import { concurrent, interleaved } from "../measure.ts"
import { closeAll, createAll, type Race } from "./Race.ts"
import { type Body, initOf, path, requestToken, statusOf } from "./Rival.ts"
import { find, speedOf, type Table, timesOf } from "./Table.ts"

const bodies: Readonly<Record<"GET" | "POST", Body>> = { GET: undefined, POST: JSON.stringify({ name: "value" }) }

const overFetch = "bare fetch"
const overUndici = "bare undici.request"
const again = "(A/A)"

/** Requests with a cached token, against the same requests with a token that was added by hand. */
export const requests = async (race: Race, kind: "GET" | "POST", width: number): Promise<Table> => {
  const body = bodies[kind]
  const url = race.server.base + path
  const { token } = await requestToken({ base: race.server.base, key: "bare" })
  const authorization = `Bearer ${token}`
  const headers = body === undefined ? { authorization } : { authorization, "content-type": "application/json" }
  const bareFetch = async () => statusOf(await fetch(url, initOf(body, { authorization })))
  const bareUndici = async () => {
    const response = await request(url, { method: kind, headers, body: body ?? null })
    await response.body.text()
    return response.statusCode
  }
  const clients = await createAll(race, "requests")
  const steps = new Map<string, () => Promise<number>>([
    [overFetch, bareFetch],
    [`${overFetch} ${again}`, bareFetch],
    [overUndici, bareUndici],
    [`${overUndici} ${again}`, bareUndici],
    ...[...clients].map(([name, { send }]) => [name, () => send(path, body)] as const)
  ])
  for (const [name, { send }] of clients) {
    // ky's recipe fetches its first token after a 401, which its default does not do for a POST.
    await send(path)
    if ((await send(path, body)) >= 400) throw new Error(`A request of ${name} failed.`)
  }
  const timings = await interleaved(
    [...steps].map(([name, step]) => concurrent(name, width, step)),
    { rounds: race.rounds, times: Math.ceil((width === 1 ? 1_000 : 3_000) * race.scale) }
  )
  await closeAll(clients)
  const base = find(timings, overFetch)
  return {
    title: `An authorized ${kind} over loopback, ${width} at a time`,
    note: "Requests per second as a part of those of bare `fetch` with a header. More is faster.",
    rows: Object.fromEntries(
      timings.map((timing) => [
        timing.name,
        { "× bare fetch": speedOf(timing, base), "µs each": timesOf(timing, 1_000) }
      ])
    )
  }
}
