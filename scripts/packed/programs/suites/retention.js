// RUN-2, REQ-6: what remains of requests and responses after a garbage collection, over each transport. For Node alone.
import { createDeeply } from "@tokenkeep/deeply"
import { FetchTransport } from "@tokenkeep/transport-fetch"
import { KyTransport } from "@tokenkeep/transport-ky"
import { UndiciTransport } from "@tokenkeep/transport-undici"
import { getEventListeners } from "node:events"
import process from "node:process"
import { setTimeout as delay } from "node:timers/promises"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { Agent } from "undici"
import { outcomeOf, rejection } from "./checks.js"
import { FakeHost } from "./FakeHost.js"

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc")

const bodySize = 100_000
const responses = 100

/** Per response, in bytes: far less than a body, and less than the objects of one response. */
const maxKept = 2_000

/** Idle connections to the server, of the platform's fetch included. */
const maxSockets = 4

const body = { bytes: bodySize }
const endless = { endless: true }

/** Aborts a request as soon as it has reached the server, or its body is being read. */
const abortAfter = async (start) => {
  const abort = new AbortController()
  const ended = rejection(start(abort.signal))
  await delay(5)
  abort.abort()
  await ended
}

/** Ways to use a response, and what the server sends. */
const uses = {
  "was read": [body, async (send) => (await send()).arrayBuffer()],
  "was not read": [body, (send) => send()],
  "was read in part": [body, async (send) => (await send()).body.getReader().read()],
  "was cancelled": [body, async (send) => (await send()).body.cancel()],
  "was cancelled after a part": [
    body,
    async (send) => {
      const reader = (await send()).body.getReader()
      await reader.read()
      await reader.cancel()
    }
  ],
  "was cloned, and the clone was not read": [
    body,
    async (send) => {
      const response = await send()
      response.clone()
      await response.text()
    }
  ],
  "did not arrive before an abort": [{ hang: true }, (send) => abortAfter((signal) => send(signal))],
  "was aborted while it was read": [
    endless,
    (send) => abortAfter(async (signal) => (await send(signal)).arrayBuffer())
  ],
  "did not arrive because the connection broke": [{ reset: true }, (send) => rejection(send())]
}

/** Collects, after finalizers of the collection before have run. */
const collectAgain = async () => {
  await delay(5)
  collect()
}

const memory = () => {
  const { external, heapUsed } = process.memoryUsage()
  return heapUsed + external
}

const openSockets = () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length

/** The bytes that each response leaves behind. What is kept is kept in every round; caches fill in the first. */
const keptBy = async (use) => {
  let kept = Infinity
  for (let round = 0; round < 5 && kept > maxKept; round += 1) {
    const before = memory()
    for (let i = 0; i < responses; i += 1) await use()
    for (let time = 0; time < 3; time += 1) await collectAgain()
    kept = Math.round((memory() - before) / responses)
  }
  return kept
}

/** A client over a transport, and a function that uses responses to a fault, all with one signal of long life. */
const openClient = async (driver, transport) => {
  const fake = await FakeHost.open(driver)
  const client = createDeeply({ apiKey: fake.apiKey, host: fake.host, transport })
  await client.token()
  const { signal: shared } = new AbortController()
  const send = (signal = shared) => client.fetch("/api/v1/events", { signal })
  const sendRequest = (signal) => client.fetch(new Request(`${client.baseUrl}api/v1/events`, { signal }))
  const start = (fault) => fake.do("script", [{ ...fault, on: "/api/v1/events", times: 1_000_000 }])
  return { client, send, sendRequest, shared, start }
}

const checkUse = async ({ driver, transport }, [fault, use]) => {
  const { client, send, shared, start } = await openClient(driver, transport)
  try {
    await start(fault)
    const kept = await keptBy(() => use(send))
    if (kept > maxKept) throw new Error(`each response keeps ${kept} bytes`)
    const listeners = () => getEventListeners(shared, "abort").length
    // The engine may keep the last response for longer. What is kept of each one is hundreds.
    const isSettled = () => openSockets() <= maxSockets && listeners() <= 1
    for (let round = 0; round < 100 && !isSettled(); round += 1) await collectAgain()
    if (!isSettled()) throw new Error(`${openSockets()} connections and ${listeners()} listeners on a signal remain`)
  } finally {
    await client.dispose()
  }
}

/** Waits for a request that may need the connection of a response that has not been collected yet. */
const whileCollecting = async (request) => {
  let isDone = false
  const done = Promise.resolve(request).finally(() => (isDone = true))
  for (let round = 0; round < 500 && !isDone; round += 1) await collectAgain()
  if (!isDone) throw new Error("a later request waits for the only connection")
  return done
}

const checkOneConnection = async ({ driver }, [fault, use]) => {
  const dispatcher = new Agent({ connections: 1 })
  const { client, send, start } = await openClient(driver, UndiciTransport.layer({ dispatcher }))
  try {
    await start(fault)
    for (let i = 0; i < 3; i += 1) await whileCollecting(use(send))
    const later = await whileCollecting(client.fetch("/api/v1/mics"))
    if (later.status !== 200) throw new Error(`a later request got ${later.status}`)
  } finally {
    await dispatcher.destroy()
    await client.dispose()
  }
}

/** One after the other: each measures the heap of the whole process. */
const inTurn = async (title, check) => {
  const outcomes = []
  for (const [how, use] of Object.entries(uses)) {
    outcomes.push(await outcomeOf(`RUN-2 ${title}, a response that ${how}`, () => check(use)))
  }
  return outcomes
}

/** Aborts a read of the body after the `Request` was collected, which the caller has no reason to keep. */
const checkLateAbort = async ({ driver, transport }) => {
  const { client, sendRequest, start } = await openClient(driver, transport)
  try {
    await start(endless)
    const abort = new AbortController()
    let isOver = false
    const read = async (signal) => (await sendRequest(signal)).body.pipeTo(new WritableStream())
    const ended = rejection(read(abort.signal)).finally(() => (isOver = true))
    for (let round = 0; round < 5; round += 1) await collectAgain()
    abort.abort()
    for (let round = 0; round < 100 && !isOver; round += 1) await collectAgain()
    if (!isOver) throw new Error("the abort was lost")
    await ended
  } finally {
    await client.dispose()
  }
}

const overTransport = async ({ driver }, name, transport) => [
  ...(await inTurn(`${name}: nothing remains`, (use) => checkUse({ driver, transport }, use))),
  await outcomeOf(`REQ-6 ${name}: an abort reaches a read whose Request was collected`, () =>
    checkLateAbort({ driver, transport })
  )
]

export const undiciRetention = async (settings) => [
  ...(await overTransport(settings, "undici", UndiciTransport.layer())),
  ...(await inTurn("undici with one connection: it is free after", (use) => checkOneConnection(settings, use)))
]

export const retention = async (settings) => [
  ...(await overTransport(settings, "fetch", FetchTransport.layer())),
  ...(await overTransport(settings, "ky", KyTransport.layer()))
]
