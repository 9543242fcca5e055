import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { AccessToken, type AuthError, type TokenManager, type TokenStorage } from "../../src/index.ts"
import { type Command, commandText, type Span } from "./Commands.ts"
import { makeModel } from "./Model.ts"
import { otherProcess } from "./OtherProcess.ts"
import { windowRange } from "./Rules.ts"
import { makeWorld, settled, type WorldOptions } from "./World.ts"
import { WorldClock } from "./WorldClock.ts"

type Caller = Fiber.Fiber<AccessToken, AuthError>

/** What a script came to: a line a command, what happened below it, and what should not have. */
interface Played {
  readonly lines: ReadonlyArray<string>
  readonly violations: ReadonlyArray<string>
  readonly reached: ReadonlySet<string>
}

const resultOf = (exit: Exit.Exit<AccessToken, AuthError>): AccessToken | AuthError | undefined => {
  if (Exit.isSuccess(exit)) return exit.value
  const [reason] = exit.cause.reasons
  return reason?._tag === "Fail" ? reason.error : undefined
}

const told = (result: AccessToken | AuthError | undefined): string =>
  result === undefined
    ? "died or was interrupted"
    : "code" in result
      ? `gets ${result.code}`
      : `gets ${result.reveal()}`

/** The same over and over, as one who waits does it, is told once. */
const briefly = (log: ReadonlyArray<string>): string => {
  const lines: Array<string> = []
  for (let at = 0; at < log.length;) {
    const period = [1, 2, 3, 4].find(
      (size) => log.slice(at, at + size).join() === log.slice(at + size, at + 2 * size).join()
    )
    const once = log.slice(at, at + (period ?? 1))
    let times = 1
    while (period !== undefined && log.slice(at + times * period, at + (times + 1) * period).join() === once.join())
      times += 1
    lines.push(times === 1 ? once.join("; ") : `${times} times: ${once.join(", ")}`)
    at += times * once.length
  }
  return lines.join("; ")
}

/** What is broken on purpose. */
export interface Spoiling {
  readonly manager?: (manager: TokenManager["Service"]) => TokenManager["Service"]
  /** What the manager does with the storage. */
  readonly storage?: (storage: TokenStorage["Service"]) => TokenStorage["Service"]
}

/** After these, a renewal under way goes on. */
const moving: ReadonlySet<Command["do"]> = new Set([
  "advance",
  "wallStands",
  "answer",
  "otherRenews",
  "otherEnds",
  "dispose"
])

/**
 * Plays a script against the model and the real manager, up to the first violation; then disposes.
 *
 * @param spoiling Breaks something, to see that the model notices.
 */
export const play = Effect.fnUntraced(function* (
  script: ReadonlyArray<Command>,
  options: WorldOptions,
  spoiling: Spoiling = {}
) {
  const clock = new WorldClock()
  const model = makeModel(clock, options)
  const { claim, log, state } = model
  const world = yield* makeWorld(clock, model.witness, options, spoiling.storage)
  const manager = spoiling.manager === undefined ? world.manager : spoiling.manager(world.manager)
  const other = otherProcess(clock, world.storage)
  const lines: Array<string> = []
  let waiting: Array<Caller> = []
  let disposing: Fiber.Fiber<unknown, unknown> | undefined

  /** Whether the dispose may wait for an issue call that was sent, and its token be saved. */
  let hasCall = false

  const underway = () => world.storage.underway() + world.fallback.underway()

  const nothingLeft = () => {
    const left = {
      timers: clock.sleeping(),
      calls: world.open.length,
      operations: underway(),
      watchers: world.storage.watchers(),
      leases: world.storage.leases.kept() + world.fallback.leases.kept()
    }
    claim(disposing?.pollUnsafe() !== undefined, "RUN-2: the dispose does not end")
    claim(
      Object.values(left).every((count) => count === 0),
      `RUN-2: something is left after the dispose: ${JSON.stringify(left)}`
    )
  }

  const checkDisposed = (at: number) => {
    claim(waiting.length === 0, "RUN-2: a caller still waits after the dispose")
    // A lease is given back after all else, which may take a second where the storage hangs.
    const limit = (hasCall ? 2_000 : 0) + (underway() > 0 ? 1_000 : 0)
    if (clock.mono - at >= limit) nothingLeft()
  }

  /** Lets all come to rest, then looks at who got what. */
  const rest = Effect.gen(function* () {
    yield* settled
    const done = waiting.filter((caller) => caller.pollUnsafe() !== undefined)
    claim(
      done.length === 0 || done.length === waiting.length,
      "TOK-2: of those who wait together, only some get a token"
    )
    const results = done.map((caller) => resultOf(caller.pollUnsafe()!))
    for (const result of results) {
      log.push(`a caller ${told(result)}`)
      if (result === undefined) claim(false, "TOK-7: a caller is interrupted that nobody aborted")
      else model.waiterGot(result)
    }
    claim(new Set(results.map(told)).size <= 1, "TOK-2: those who wait together get different things")
    waiting = waiting.filter((caller) => !done.includes(caller))
    state.waiters = waiting.length
    model.atRest(manager.status(), world.storage)
    if (state.disposedAt !== undefined) checkDisposed(state.disposedAt)
  })

  const millisOf = (by: Span): number => {
    if ("ms" in by) return by.ms
    if (by.mark === "refusal") return model.refusals.left(world.state.key) + by.off
    const token = model.held.current()
    if (token?.life === undefined) return 0
    const [shortest, longest] = windowRange(token.life)
    const before = { window: longest, lateWindow: shortest, end: 0 }[by.mark]
    return Math.ceil(token.life - before - model.held.age(token) + by.off)
  }

  const advance = Effect.fnUntraced(function* (by: Span, wallGoesOn: boolean) {
    const target = clock.mono + Math.max(0, millisOf(by))
    log.push(`${target - clock.mono} ms`)
    while (clock.next() <= target) {
      clock.to(Math.max(clock.mono, clock.next()), wallGoesOn)
      yield* rest
    }
    clock.to(target, wallGoesOn)
  })

  const get = () => {
    const expected = model.beforeHit()
    if (expected.token !== "must") state.waiters = waiting.length + 1
    const caller = world.fork(manager.get)
    const exit = caller.pollUnsafe()
    if (exit === undefined) waiting.push(caller)
    state.waiters = waiting.length
    if (exit === undefined) return model.hitGot(undefined, expected)
    const result = resultOf(exit)
    log.push(told(result))
    if (result !== undefined && !("code" in result)) return model.hitGot(result, expected)
    claim(state.disposedAt !== undefined && result?.code === "DISPOSED", "RUN-2, TOK-5: a get fails without waiting")
  }

  const reject = ({ back, by, how }: Extract<Command, { do: "reject" }>) => {
    const token = model.tokens.at(-1 - back)
    if (token?.id === undefined) return
    const { id, sentWall: issuedAt, text } = token
    log.push(text)
    const refused = { id, text, token: AccessToken.make(text, { id, issuedAt }) }[by]
    world.fork(manager.reject(refused, how))
    model.rejects(token, how)
  }

  const dispose = () => {
    if (state.disposedAt !== undefined) return
    state.disposedAt = clock.mono
    hasCall = world.open.length > 0 || (state.flight?.products.length ?? 0) > 0
    model.held.hold(undefined)
    disposing = world.dispose()
  }

  const perform = Effect.fnUntraced(function* (it: Command) {
    switch (it.do) {
      case "get":
        return Array.from({ length: it.times }).forEach(get)
      case "peek": {
        const expected = model.beforeHit()
        const token = manager.peek()
        log.push(token?.reveal() ?? "nothing")
        return model.hitGot(token, expected)
      }
      case "reject":
        return reject(it)
      case "advance":
      case "wallStands":
        return yield* advance(it.by, it.do === "advance")
      case "wallJumps":
        clock.wall += it.ms
        return model.held.wallJumps()
      case "key":
        return void (world.state.key = it.key)
      case "issuer":
        return void (world.state.mood = it.mood)
      case "answer":
        return it.mood.does === "dawdle" ? undefined : world.open[0]?.answer(it.mood)
      case "storage":
        return world.storage.becomes(it.operation, it.mood, it.times, it.stale)
      case "otherRenews":
        return void other.renews(`other-${lines.length}`, it)
      case "otherAsks":
        return log.push(other.asks(it) ? "is elected" : "is not elected")
      case "otherEnds":
        return log.push(other.ends(`other-${lines.length}`, it.ending) ? "does so" : "has none")
      case "abort": {
        const caller = waiting[it.which]
        if (caller === undefined) return
        world.interrupt(caller)
        waiting = waiting.filter((one) => one !== caller)
        return
      }
      case "retryKey":
        manager.retryKey()
        return state.disposedAt === undefined ? model.refusals.forget() : undefined
      case "dispose":
        return dispose()
    }
  })

  const step = Effect.fnUntraced(function* (it: Command) {
    const mayMove = state.flight !== undefined && moving.has(it.do)
    model.begin()
    yield* perform(it)
    const mayBegin = state.window !== "no" || state.rejoin !== "no" || state.waiters > 0
    yield* rest
    claim(state.io === 0 || mayMove || (mayBegin && (it.do === "get" || it.do === "peek")), "TOK-1: I/O for nothing")
    lines.push(`${commandText(it)}${log.length === 0 ? "" : ` → ${briefly(log.splice(0))}`}`)
  })

  for (const it of [...script, { do: "dispose" }, { do: "advance", by: { ms: 3_000 } }] as ReadonlyArray<Command>) {
    yield* step(it)
    if (model.violations.length > 0) break
  }
  if (disposing === undefined) dispose()
  return { lines, violations: model.violations, reached: model.reached } satisfies Played
})
