import { inCore, type Mutant } from "./Mutant.ts"

const inManager = inCore("TokenManager.ts", "model/lifecycle")
const inLife = inCore("internal/tokenLife.ts", "model/lifecycle")
const inPolicy = inCore("RenewalPolicy.ts", "RenewalPolicy", "model/lifecycle")
const inLearning = inCore("RenewalPolicy.ts", "RenewalPolicy.learn")
const inAcquisition = inCore("internal/acquisition.ts", "model/lifecycle")
const inLives = inCore("internal/learnedLives.ts", "TokenManager.learning")

/** The life of a token: hits, renewals, refusals, the storage and the end. */
export const lifecycleMutants: ReadonlyArray<Mutant> = [
  inManager("spent-tokens-adopted", "if (spent.has(token.id) || token.id", "if (token.id"),
  inManager(
    "ended-tokens-not-spent",
    "    spent.add(current.token.id)\n    current = undefined",
    "    current = undefined"
  ),
  inManager("replaced-tokens-not-spent", "if (current !== undefined) spent.add(current.token.id)", ""),
  inManager("refused-tokens-not-spent", "      spent.add(token.id)\n", ""),
  inManager(
    "refused-while-saved-is-returned",
    "spent.has(token.id) ? get : Effect.succeed(token)",
    "Effect.succeed(token)",
    "TokenManager"
  ),
  inManager("refusal-of-any-token-counts", "if (!isCurrent) return Effect.void", ""),
  inManager("refusal-by-text-ignored", "refused === token.id || refused === token.reveal()", "refused === token.id"),
  inManager(
    "every-refusal-teaches",
    'if (how === "expired") learnFrom(age)',
    "learnFrom(age)",
    "TokenManager.lifetimes"
  ),
  inManager("worse-tokens-adopted", '? phase !== "over" : phase === "fresh"', '? phase !== "over" : phase !== "over"'),
  inManager("a-renewal-for-each-hit", "if (flight === undefined) {\n        if", "{\n        if", "mutants.lifecycle"),
  inManager("due-tokens-not-returned", "      return token\n    }\n    // The storage", "    }\n    // The storage"),
  inManager("no-renewal-in-the-window", 'launch(phase === "due" ? "window" : "rejoin", true)', "void launch"),
  inManager("failure-not-left-alone", 'if (background && why !== "rejoin" && current !== undefined) {', "if (false) {"),
  inManager("failures-not-counted", "    failures += 1\n", "", "TokenManager.renewalFails", "model/lifecycle"),
  inManager(
    "no-second-flight-after-the-background",
    "joined.background ? get : Effect.fail(error)",
    "Effect.fail(error)"
  ),
  inManager("callers-do-not-share", "join(flight ?? launch(reason, false))", "join(launch(reason, false))"),
  inManager("flight-never-ends", "if (flight === started) flight = undefined", ""),
  inManager("works-after-the-dispose", "if (disposed) return Effect.fail(disposedError())", ""),
  inManager("peek-after-the-dispose", "peek: () => (disposed ? undefined : peek())", "peek", "mutants.lifecycle"),
  inManager("dispose-leaves-waiters", "Deferred.doneUnsafe(last.done, Exit.fail(disposedError()))", ""),
  inManager("dispose-leaves-the-flight", "yield* Fiber.interrupt(last.fiber)", ""),
  inManager(
    "dispose-cuts-a-call-short",
    "if (issuer.isUnderway()) yield* Effect.timeoutOption(Fiber.await(last.fiber), grace)",
    "",
    "TokenManager.dispose"
  ),
  inManager(
    "tries-go-on-after-the-dispose",
    "keepTrying: () => !disposed",
    "keepTrying: () => true",
    "TokenManager.dispose",
    "model/lifecycle"
  ),
  inManager("propagation-ignored", "if (left <= 0) return", "if (left > 0) return", "AuthorizedClient.propagation"),
  inManager("retry-key-ignored", "    issuer.forget()\n", ""),
  inManager("no-jitter", "const lot = (yield* Random.next) * 2 - 1", "const lot = 0", "TokenManager.renewal"),
  inManager("one-refusal-told-to-all", "if (error === lastFailure) return", "", "TokenManager.keyRejected"),

  inLife("wall-clock-alone", "Math.max(wall - token.issuedAt, monotonic - started)", "wall - token.issuedAt"),
  inLife("monotonic-clock-alone", "Math.max(wall - token.issuedAt, monotonic - started)", "monotonic - started"),
  inLife("ends-a-millisecond-late", 'if (old >= known) return "over"', 'if (old > known) return "over"'),
  inLife("no-window", "const renewIn = Math.max(known - window - old,", "const renewIn = Math.max(known - old,"),
  inLife("back-off-ignored", "Math.max(known - window - old, attemptFrom - monotonic)", "known - window - old"),
  inLife("one-look-is-for-ever", "wall + Math.min(glance, renewIn, strayIn, known - old)", "wall + Infinity"),
  inLife(
    "trust-goes-back-in-time",
    "wall >= trustedFrom && wall < trustedUntil",
    "wall < trustedUntil",
    "tokenLife",
    "model/lifecycle"
  ),
  inLife("age-from-the-answer", "const started = mono() - age", "const started = mono()"),

  inPolicy("window-not-capped", "Math.min(life / 5, settings.maxWindow)", "life / 5"),
  inPolicy(
    "window-longer-than-half-a-life",
    "return Math.min(wanted * (1 + settings.jitter * lot), life / 2)",
    "return wanted * (1 + settings.jitter * lot)"
  ),
  inPolicy("back-off-not-doubling", "first * 2 ** (failures - 1)", "first"),
  inPolicy(
    "back-off-not-capped",
    "Math.min(first * 2 ** (failures - 1), longestBackOff)",
    "first * 2 ** (failures - 1)"
  ),
  inPolicy("absurd-lives-believed", "life >= shortest && life <= longest", "life >= shortest"),
  inPolicy("lives-in-the-past-believed", "life >= shortest && life <= longest", "life <= longest"),
  inPolicy(
    "jwt-before-declared",
    '["declared", "jwt", "observed", "assumed"]',
    '["jwt", "declared", "observed", "assumed"]'
  ),
  inLearning("one-refusal-is-enough", "estimate: agrees ? Math.min(last, age) : estimate", "estimate: age"),
  inLearning(
    "the-longer-life-learned",
    "estimate: agrees ? Math.min(last, age)",
    "estimate: agrees ? Math.max(last, age)"
  ),
  inLearning("never-a-probe", "issued % 20 === 0", "false", "RenewalPolicy.learn", "TokenManager.learning"),

  inAcquisition("token-not-saved", "if (yield* term.save({ token,", "if (true || ({ token,", "TokenManager"),
  inAcquisition("future-tokens-live-longer", "Math.max(0, now() - token.issuedAt)", "now() - token.issuedAt"),
  inAcquisition(
    "refusal-ends-at-the-first-key",
    "refusal ??= failure",
    "return yield* failure",
    "Credentials",
    "TokenKeep"
  ),
  inAcquisition("standing-refusal-ignored", "isRejoin ? undefined : issuer.standing(name)", "undefined"),

  inLives("lessons-not-kept", "const own = learned.get(name)", "const own = undefined", "TokenManager.learning"),
  inLives("lessons-mixed-up", "const own = learned.get(name)", "const own = observations", "TokenManager.learning")
]
