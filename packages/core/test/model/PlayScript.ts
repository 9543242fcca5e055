import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { AccessToken, type TokenkeepError, type TokenManager, type TokenStorage } from "../../src/index.ts"
import { type Command, commandText, type Span } from "./Command.ts"
import { makeModel } from "./Model.ts"
import { otherProcess } from "./OtherProcess.ts"
import { windowRange } from "./Rules.ts"
import { makeWorld, settled, type WorldOptions } from "./World.ts"
import { WorldClock } from "./WorldClock.ts"

type Caller = Fiber.Fiber<AccessToken, TokenkeepError>

/** The outcome of a script: one line per command with what happened, and the violations. */
interface Played {
  readonly lines: ReadonlyArray<string>
  readonly violations: ReadonlyArray<string>
  readonly reached: ReadonlySet<string>
}

const resultOf = (exit: Exit.Exit<AccessToken, TokenkeepError>): AccessToken | TokenkeepError | undefined => {
  if (Exit.isSuccess(exit)) return exit.value
  const [reason] = exit.cause.reasons
  return reason?._tag === "Fail" ? reason.error : undefined
}

const resultText = (result: AccessToken | TokenkeepError | undefined): string =>
  result === undefined
    ? "died or was interrupted"
    : "code" in result
      ? `gets ${result.code}`
      : `gets ${result.reveal()}`

/** Repetitions, as of a waiting client, are shown once. */
const compressed = (log: ReadonlyArray<string>): string => {
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
export interface Sabotage {
  readonly manager?: (manager: TokenManager["Service"]) => TokenManager["Service"]
  /** Wraps the storage that the manager uses. */
  readonly storage?: (storage: TokenStorage["Service"]) => TokenStorage["Service"]
}

/** After these commands, a renewal in flight continues. */
const advancing: ReadonlySet<Command["do"]> = new Set([
  "advance",
  "monotonicAdvances",
  "respond",
  "otherRenews",
  "otherFinishes",
  "dispose"
])

/**
 * Plays a script against the model and the real manager, up to the first violation; then disposes. `sabotage` breaks
 * something, to check that the model notices.
 */
export const play = Effect.fnUntraced(function* (
  script: ReadonlyArray<Command>,
  options: WorldOptions,
  sabotage: Sabotage = {}
) {
  const clock = new WorldClock()
  const model = makeModel(clock, options)
  const { claim, log, state } = model
  const world = yield* makeWorld(clock, model.observer, options, sabotage.storage)
  const manager = sabotage.manager === undefined ? world.manager : sabotage.manager(world.manager)
  const other = otherProcess(clock, world.storage)
  const lines: Array<string> = []
  let waiting: Array<Caller> = []
  let disposing: Fiber.Fiber<unknown, unknown> | undefined

  /** Whether dispose may wait for a token request that was sent, and for its save. */
  let hasRequest = false

  const pending = () => world.storage.pending() + world.fallback.pending()

  const nothingLeft = () => {
    const left = {
      timers: clock.sleeping(),
      calls: world.open.length,
      operations: pending(),
      watchers: world.storage.watchers(),
      leases: world.storage.leases.unreleased() + world.fallback.leases.unreleased()
    }
    claim(disposing?.pollUnsafe() !== undefined, "RUN-2: dispose does not end")
    claim(
      Object.values(left).every((count) => count === 0),
      `RUN-2: something is left after dispose: ${JSON.stringify(left)}`
    )
  }

  const checkDisposed = (at: number) => {
    claim(waiting.length === 0, "RUN-2: a caller still waits after dispose")
    // The lease is released last, which may take a second if the storage hangs.
    const limit = (hasRequest ? 2_000 : 0) + (pending() > 0 ? 1_000 : 0)
    if (clock.mono - at >= limit) nothingLeft()
  }

  /** Lets everything come to rest, then checks the results of callers. */
  const rest = Effect.gen(function* () {
    yield* settled
    const done = waiting.filter((caller) => caller.pollUnsafe() !== undefined)
    claim(
      done.length === 0 || done.length === waiting.length,
      "TOK-2: only some of the callers that wait together get a token"
    )
    const results = done.map((caller) => resultOf(caller.pollUnsafe()!))
    for (const result of results) {
      log.push(`a caller ${resultText(result)}`)
      if (result === undefined) claim(false, "TOK-7: a caller is interrupted without an abort")
      else model.callerGot(result)
    }
    claim(new Set(results.map(resultText)).size <= 1, "TOK-2: callers that wait together get different results")
    waiting = waiting.filter((caller) => !done.includes(caller))
    state.waiters = waiting.length
    model.atRest(manager.status(), world.storage)
    if (state.disposedAt !== undefined) checkDisposed(state.disposedAt)
  })

  const millisOf = (by: Span): number => {
    if ("ms" in by) return by.ms
    if (by.mark === "rejection") return model.rejections.left(world.state.key) + by.off
    const token = model.currentToken.current()
    if (token?.lifetime === undefined) return 0
    const [shortest, longest] = windowRange(token.lifetime)
    const before = { window: longest, lateWindow: shortest, end: 0 }[by.mark]
    return Math.ceil(token.lifetime - before - model.currentToken.age(token) + by.off)
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
    const expected = model.beforeRequest()
    if (expected.token !== "must") state.waiters = waiting.length + 1
    const caller = world.fork(manager.get)
    state.isSynchronous = false
    const exit = caller.pollUnsafe()
    if (exit === undefined) waiting.push(caller)
    state.waiters = waiting.length
    if (exit === undefined) return model.requestGot(undefined, expected)
    const result = resultOf(exit)
    log.push(resultText(result))
    if (result !== undefined && !("code" in result)) return model.requestGot(result, expected)
    claim(state.disposedAt !== undefined && result?.code === "DISPOSED", "RUN-2, TOK-5: a get fails without waiting")
  }

  const reject = ({ back, by, how }: Extract<Command, { do: "reject" }>) => {
    const token = model.tokens.at(-1 - back)
    if (token?.id === undefined) return
    const { id, sentWall: issuedAt, text } = token
    log.push(text)
    const rejected = { id, value: text, token: AccessToken.make(text, { id, issuedAt }) }[by]
    world.fork(manager.reject(rejected, how))
    model.rejects(token, how)
  }

  const dispose = () => {
    if (state.disposedAt !== undefined) return
    state.disposedAt = clock.mono
    hasRequest = world.open.length > 0 || (state.renewal?.tokens.length ?? 0) > 0
    model.currentToken.setCurrent(undefined)
    disposing = world.dispose()
  }

  const perform = Effect.fnUntraced(function* (it: Command) {
    switch (it.do) {
      case "get":
        return Array.from({ length: it.times }).forEach(get)
      case "peek": {
        const expected = model.beforeRequest()
        const token = manager.peek()
        state.isSynchronous = false
        log.push(token?.reveal() ?? "nothing")
        return model.requestGot(token, expected)
      }
      case "reject":
        return reject(it)
      case "advance":
      case "monotonicAdvances":
        return yield* advance(it.by, it.do === "advance")
      case "wallJumps":
        clock.wall += it.ms
        return model.currentToken.wallJumps()
      case "key":
        return void (world.state.key = it.key)
      case "issuer":
        return void (world.state.behaviour = it.behaviour)
      case "respond":
        return it.behaviour.does === "stay open" ? undefined : world.open[0]?.respond(it.behaviour)
      case "storage":
        return world.storage.setBehaviour(it.operation, it.behaviour, it.times, it.stale)
      case "otherRenews":
        return void other.renews(`other-${lines.length}`, it)
      case "otherAcquires":
        return log.push(other.acquires(it) ? "gets it" : "does not get it")
      case "otherFinishes":
        return log.push(other.ends(`other-${lines.length}`, it.ending) ? "done" : "has no lease")
      case "abort": {
        const caller = waiting[it.which]
        if (caller === undefined) return
        world.interrupt(caller)
        waiting = waiting.filter((one) => one !== caller)
        return
      }
      case "retryKey":
        manager.retryKey()
        if (state.disposedAt !== undefined) return
        state.failures = 0
        return model.rejections.forget()
      case "dispose":
        return dispose()
    }
  })

  const step = Effect.fnUntraced(function* (it: Command) {
    const mayContinue = (state.renewal !== undefined || model.probes.isUnderway()) && advancing.has(it.do)
    model.begin()
    yield* perform(it)
    const mayStart = state.window !== "no" || state.probe !== "no" || state.waiters > 0
    yield* rest
    claim(
      state.io === 0 || mayContinue || (mayStart && (it.do === "get" || it.do === "peek")),
      "TOK-1: I/O without need"
    )
    lines.push(`${commandText(it)}${log.length === 0 ? "" : ` → ${compressed(log.splice(0))}`}`)
  })

  for (const it of [...script, { do: "dispose" }, { do: "advance", by: { ms: 3_000 } }] as ReadonlyArray<Command>) {
    yield* step(it)
    if (model.violations.length > 0) break
  }
  if (disposing === undefined) dispose()
  return { lines, violations: model.violations, reached: model.reached } satisfies Played
})
