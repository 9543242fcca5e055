import * as Effect from "effect/Effect"
import { ensure } from "../checks.ts"
import { type ProviderFixture, requestToken } from "./fixture.ts"

/** What a provider must not use, because its result would depend on more than its arguments. */
const watched: ReadonlyArray<readonly [owner: string, name: string]> = [
  ["Math", "random"],
  ["performance", "now"],
  ["crypto", "getRandomValues"],
  ["crypto", "randomUUID"],
  ...["fetch", "setTimeout", "setInterval"].map((name) => ["globalThis", name] as const)
]

type Call = (...args: ReadonlyArray<unknown>) => unknown

/** Reports reads of the current time; a date that is parsed from a string is none. */
const watchedDate = (real: DateConstructor, use: (name: string) => void): DateConstructor =>
  new Proxy(real, {
    construct: (target, args, newTarget) => {
      if (args.length === 0) use("new Date")
      return Reflect.construct(target, args, newTarget) as object
    },
    apply: (target) => {
      use("Date")
      return target()
    },
    get: (target, name, receiver) => {
      if (name === "now") use("Date.now")
      return Reflect.get(target, name, receiver)
    }
  })

/** Replaces a property, and returns a function that restores it. */
const replace = (owner: object, name: string, value: unknown): (() => void) => {
  const own = Object.getOwnPropertyDescriptor(owner, name)
  if (!Reflect.defineProperty(owner, name, { value, configurable: true, writable: true })) return () => undefined
  return () => {
    if (own === undefined) Reflect.deleteProperty(owner, name)
    else Object.defineProperty(owner, name, own)
  }
}

/** Calls a function, and returns what it used before it returned. */
const usesOf = (run: () => void): ReadonlyArray<string> => {
  const used = new Set<string>()
  const use = (name: string) => void used.add(name)
  const restore = [replace(globalThis, "Date", watchedDate(Date, use))]
  for (const [ownerName, name] of watched) {
    const owner: unknown = ownerName === "globalThis" ? globalThis : Reflect.get(globalThis, ownerName)
    const real: unknown = typeof owner === "object" && owner !== null ? Reflect.get(owner, name) : undefined
    if (typeof real !== "function") continue
    const call: Call = (...args) => {
      use(ownerName === "globalThis" ? name : `${ownerName}.${name}`)
      return Reflect.apply(real as Call, owner, args)
    }
    restore.push(replace(owner as object, name, call))
  }
  try {
    run()
  } finally {
    for (const each of restore.toReversed()) each()
  }
  return [...used]
}

/**
 * Watches `classify`, and `requestToken` until its first await: other code runs after that. What a provider uses later
 * shows in its verdicts, which "no-state" compares.
 */
export function* isPure({ documented, key, provider, randomResponses, responses }: ProviderFixture) {
  const started: Array<unknown> = []
  const used = usesOf(() => {
    started.push(requestToken(documented, key, responses[0]))
    for (const response of [...responses, ...randomResponses.slice(0, 50)]) provider.classify(response)
  })
  yield* Effect.promise(() => Promise.all(started))
  yield* ensure(used.length === 0, `the provider used ${used.join(", ")}`)
}
