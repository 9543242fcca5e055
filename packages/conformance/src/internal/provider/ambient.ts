/** What a pure function leaves alone: the machine's clock, its dice, its network and its timers. */
const ambient: ReadonlyArray<readonly [holder: string, name: string]> = [
  ["Math", "random"],
  ["performance", "now"],
  ["crypto", "getRandomValues"],
  ["crypto", "randomUUID"],
  ["globalThis", "fetch"],
  ["globalThis", "setTimeout"],
  ["globalThis", "setInterval"],
  ["globalThis", "queueMicrotask"]
]

type Call = (...args: ReadonlyArray<unknown>) => unknown

/** A date that is read from a text is no look at the clock. */
const watchedDate = (real: DateConstructor, use: (name: string) => void): DateConstructor =>
  new Proxy(real, {
    construct: (target, args, newTarget) => {
      if (args.length === 0) use("new Date")
      return Reflect.construct(target, args, newTarget) as object
    },
    apply: (target, _, args: ReadonlyArray<unknown>) => {
      use("Date")
      return Reflect.apply(target, undefined, args)
    },
    get: (target, name, receiver) => {
      if (name === "now") use("Date.now")
      return Reflect.get(target, name, receiver)
    }
  })

/** Puts something else in the place of a property; answers what undoes that. */
const replace = (holder: object, name: string, value: unknown): (() => void) => {
  const own = Object.getOwnPropertyDescriptor(holder, name)
  const replaced = Reflect.defineProperty(holder, name, { value, configurable: true, writable: true })
  if (!replaced) return () => undefined
  return () => {
    if (own === undefined) Reflect.deleteProperty(holder, name)
    else Object.defineProperty(holder, name, own)
  }
}

/** Runs something at once, and answers which of these it used. */
export const ambientUses = (run: () => void): ReadonlyArray<string> => {
  const used = new Set<string>()
  const use = (name: string) => void used.add(name)
  const undo = [replace(globalThis, "Date", watchedDate(Date, use))]
  for (const [holderName, name] of ambient) {
    const holder: unknown = holderName === "globalThis" ? globalThis : Reflect.get(globalThis, holderName)
    if (typeof holder !== "object" || holder === null) continue
    const real: unknown = Reflect.get(holder, name)
    if (typeof real !== "function") continue
    const watched: Call = (...args) => {
      use(holderName === "globalThis" ? name : `${holderName}.${name}`)
      return Reflect.apply(real as Call, holder, args)
    }
    undo.push(replace(holder, name, watched))
  }
  try {
    run()
  } finally {
    for (const restore of undo.toReversed()) restore()
  }
  return [...used]
}
