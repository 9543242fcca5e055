import { inCore, type Mutant } from "./Mutant.ts"

const inIssuer = inCore("internal/issuer.ts", "issuer.tries", "issuer", "model/lifecycle")
const inRefusals = inCore("internal/standingRefusals.ts", "standingRefusals", "model/lifecycle")
const inBudget = inCore("internal/tokenBucket.ts", "issueBudget", "model/lifecycle")
const inKeys = inCore("Credentials.ts", "Credentials")

/** The call that turns a key into a token: its care, its memory and its budget. */
export const issuingMutants: ReadonlyArray<Mutant> = [
  inIssuer("issue-follows-redirects", 'redirect: "manual"', 'redirect: "follow"', "issuer"),
  inIssuer("issue-redirect-read", "if (isRedirect(response)) {", "if (false) {", "issuer"),
  inIssuer("issue-cached", 'cache: "no-store",', "", "issuer"),
  inIssuer("deadline-over-headers-only", "duration: settings.deadline,", "duration: settings.deadline * 100,"),
  inIssuer("no-end-of-tries", "if (tried >= settings.tries) return undefined", ""),
  inIssuer(
    "every-failure-tried-again",
    'if (error.reason._tag !== "RateLimited") return undefined',
    'if (error.reason._tag !== "RateLimited") return 1'
  ),
  inIssuer(
    "patience-without-end",
    "return wait <= settings.patience && mono() + wait < deadline ? wait : undefined",
    "return wait"
  ),
  inIssuer("tries-without-jitter", "return backOff(tried) * lot", "return backOff(tried)"),
  inIssuer(
    "tries-not-later-and-later",
    "const backOff = (tried: number) => 200 * 2 ** (tried - 1)",
    "const backOff = (_: number) => 200"
  ),
  inIssuer("body-without-bound", "readBounded(body, settings.maxBody)", "readBounded(body, Infinity)", "issuer"),
  inIssuer("cut-answer-believed", "if (!answer.complete) return", "if (false) return", "issuer"),
  inIssuer(
    "unfit-token-believed",
    "if (defect !== undefined) return yield* responseInvalid",
    "if (false) return yield* responseInvalid",
    "issuer",
    "model/lifecycle"
  ),
  inIssuer(
    "life-from-the-answer",
    "const sentAt = now()\n    const started = mono()\n    underway = true\n    return yield* Effect.onError(\n      Effect.gen(function* () {\n        const response = yield* send(url, request)",
    "underway = true\n    return yield* Effect.onError(\n      Effect.gen(function* () {\n        const response = yield* send(url, request)\n        const sentAt = now()\n        const started = mono()",
    "model/lifecycle"
  ),
  inIssuer("success-does-not-forgive", "        refusals.forget(name)\n", "", "model/lifecycle", "issuer"),
  inIssuer(
    "rejection-not-remembered",
    "        refusals.note(name, error, mono(), millis, isDocumented ? told : undefined)\n",
    "",
    "model/lifecycle"
  ),
  inIssuer(
    "limit-not-remembered",
    "        refusals.note(name, error, mono(), until - now(), told)\n",
    "",
    "model/lifecycle"
  ),
  inIssuer(
    "budget-by-the-wall-clock",
    "const wait = budget.take(at)",
    "const wait = budget.take(now())",
    "model/lifecycle"
  ),
  inIssuer("budget-not-asked", "    yield* spend(call)\n", "", "model/lifecycle"),
  inIssuer(
    "key-to-another-origin",
    "const url = resolveUrl(request.path, base)",
    "const url = new URL(request.path, base)",
    "issuer"
  ),

  inRefusals("cooldown-not-doubling", "cooldown.initial * 2 ** (refusals.get(name)?.times ?? 0)", "cooldown.initial"),
  inRefusals(
    "cooldown-not-capped",
    "Math.min(cooldown.initial * 2 ** (refusals.get(name)?.times ?? 0), cooldown.max)",
    "cooldown.initial * 2 ** (refusals.get(name)?.times ?? 0)"
  ),
  inRefusals(
    "refusal-stands-for-all-keys",
    "const refusal = refusals.get(name)\n      return refusal !== undefined && stands(refusal, now, wall) ? refusal.error",
    "const [refusal] = refusals.values()\n      return refusal !== undefined && stands(refusal, now, wall) ? refusal.error"
  ),
  inRefusals("refusal-outlives-a-sleep", "now < until && wall < (error.retryAt ?? Infinity)", "now < until"),
  inRefusals(
    "refusal-by-the-wall-clock-alone",
    "now < until && wall < (error.retryAt ?? Infinity)",
    "wall < (error.retryAt ?? Infinity)"
  ),
  inRefusals(
    "refusals-without-bound",
    "if (refusals.size > capacity && oldest",
    "if (refusals.size > Infinity && oldest"
  ),

  inBudget("budget-not-spent", "left: Math.max(0, left - 1)", "left"),
  inBudget(
    "budget-grows-beyond-the-burst",
    "Math.min(burst, (bucket?.left ?? burst) + (passed / 1_000) * perSecond)",
    "(bucket?.left ?? burst) + (passed / 1_000) * perSecond"
  ),
  inBudget("budget-goes-back-in-time", "Math.max(0, now - bucket.at)", "Math.abs(now - bucket.at)"),

  inKeys("key-source-without-deadline", "duration: sourceDeadline,", "duration: sourceDeadline * 1_000,"),
  inKeys(
    "recent-key-for-ever",
    "last !== undefined && clock.monotonicTimeNanosUnsafe() < last.until ?",
    "last !== undefined ?"
  ),
  inKeys("keys-not-remembered", "    remember(key)\n", "")
]
