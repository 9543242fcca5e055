import { inCore, type Mutant } from "./Mutant.ts"

const sharing = "TokenManager.sharing"
const inElection = inCore("internal/election.ts", sharing)
const inSharing = inCore("internal/sharing.ts", sharing, "TokenManager.storage")
const inGuard = inCore("internal/guardedStorage.ts", "TokenManager.storage", sharing)
const inAcquisition = inCore("internal/acquisition.ts", sharing)
const inRecords = inCore("internal/storedRecords.ts", sharing, "TokenManager.storage")
const inRecord = inCore("internal/record.ts", sharing, "TokenManager.storage")
const inNames = inCore("internal/credentialName.ts", "TokenManager.storage")
const inSealing = inCore("internal/sealing.ts", sharing)
const inIssuer = inCore("internal/issuer.ts", sharing)
const inBudget = inCore("internal/issueBudget.ts", sharing, "issueBudget")
const inLives = inCore("internal/learnedLives.ts", sharing)
const inManager = inCore("TokenManager.ts", sharing, "TokenManager.storage")

/** One token for all who share a storage, and what happens when that does not work. */
export const sharingMutants: ReadonlyArray<Mutant> = [
  inElection(
    "no-look-before-the-lease",
    "if (found !== undefined) return found\n    const { exclusive }",
    "const { exclusive }"
  ),
  inElection("no-look-under-the-lease", "return found ?? (yield*", "return (yield*"),
  inElection("everybody-is-elected", "exclusive === undefined\n", "exclusive !== undefined\n"),
  inElection("no-look-while-waiting", 'if (found !== undefined) return { _tag: "Found", token: found } as const', ""),
  inElection(
    "lease-not-asked-for-again",
    "const answer = yield* restore(ask)\n      if",
    "const answer: Lease | Held = held\n      if"
  ),
  inElection("lease-not-released", "Effect.ignore(lease.release)", "Effect.void"),
  inElection("stuck-lease-waited-for", "if (askedAt - since > allowed)", "if (false)"),
  inElection("frozen-waiter-believes-an-old-answer", "if (askedAt - since >", "if ((yield* monotonicMillis) - since >"),
  inElection(
    "failure-not-heeded",
    "record !== undefined) yield* candidate.heed(record, fence)",
    "record !== undefined) void fence"
  ),
  inElection("saves-without-the-lease", "records.save(name, changed, lease?.fence)", "records.save(name, changed)"),
  inElection("lost-lease-is-an-error", 'if (result.failure._tag !== "LeaseLost") return', "return"),
  inElection("waiting-not-told", "told.waited(held.owner, millis)", ""),
  inElection("lease-state-not-shown", 'told.state({ state: "held", owner: settings.owner })', ""),

  inAcquisition("shared-budget-not-asked", "if (!term.isElected) return Effect.succeed(0)", "return Effect.succeed(0)"),
  inAcquisition("shared-budget-without-end", "if (taken.wait > 0) return Effect.succeed(taken.wait)", ""),
  inAcquisition(
    "call-without-the-lease",
    "saved ? Effect.succeed(0) : Effect.fail(new LeaseLost())",
    "saved ? Effect.succeed(0) : Effect.succeed(0)"
  ),
  inAcquisition("refusal-not-shared", "budget: shared, refusal, failed }", "budget: shared, failed }"),
  inAcquisition("failure-not-shared", "budget: shared, refusal, failed }", "budget: shared, refusal }"),
  inAcquisition(
    "own-timers-believed",
    "if (!(yield* term.save(record)) && keepTrying()) return yield* new LeaseLost()",
    "yield* term.save(record)"
  ),
  inAcquisition(
    "late-token-kept",
    "newer !== undefined && isUseful(newer, lives.longest()) ? yield*",
    "false && newer !== undefined ? yield*"
  ),
  inAcquisition(
    "lessons-not-shared",
    "if (yield* term.save({ token, observations: lives.observations(),",
    "if (yield* term.save({ token, observations: {},"
  ),
  inAcquisition("rejoins-under-any-key", "if (isRejoin && name !== heldName) continue", ""),
  inAcquisition(
    "rejoin-issues",
    "if (mine !== undefined) return yield* share(",
    "if (false && mine !== undefined) return yield* share("
  ),

  inSharing("no-grace", "mono() + (failed > 0 ? 0 : settings.grace)", "mono()"),
  inSharing("grace-each-time", "mono() + (failed > 0 ? 0 : settings.grace)", "mono() + settings.grace"),
  inSharing("insecure-tried-again", "if (result.failure.insecure === true || mono() >= until)", "if (mono() >= until)"),
  inSharing("fallback-not-used", "if (fallback === undefined) return alone(candidate)", "return alone(candidate)"),
  inSharing(
    "require-ignored",
    "settings.isRequired ? errorOf(result.failure) : elsewhere(candidate)",
    "elsewhere(candidate)"
  ),
  inSharing("recovery-not-told", 'if (failed > 0) emit({ type: "storage-recovered", at: now() })', ""),
  inSharing("unsaved-counts-as-recovered", "if (failed === failedBefore) recover()", "recover()"),
  inSharing("degraded-told-each-time", "if (failed > 1) return", ""),
  inSharing("no-way-back", "(failed > 0 ? Math.max(0, probeAt - mono()) : Infinity)", "Infinity"),
  inSharing("save-fault-fails", "Effect.catch((fault) => Effect.as(unsaved(fault), true))", "Effect.tapError(unsaved)"),

  inManager("nobody-served-while-saving", "    Deferred.doneUnsafe(flight.done, Exit.succeed(flight.token))\n", ""),

  inGuard(
    "storage-without-deadline",
    "Effect.interruptible(Fiber.await(running)), millis)",
    "Effect.interruptible(Fiber.await(running)), millis * 1_000)"
  ),
  inGuard("connecting-has-no-time", "hasAnswered ? timeout : timeout * 2", "timeout"),
  inGuard("answer-always-slow", "hasAnswered ? timeout : timeout * 2", "timeout * 2"),
  inGuard("thrown-is-not-a-failure", "Effect.suspend(run)", "run()"),

  inRecords("fence-not-raised", "(fences.get(stored) ?? 0) + 1", "0", "TokenManager.storage"),
  inRecords("fence-not-learned", "    noteFence(stored, found.fence)\n", "", "TokenManager.storage"),
  inRecords("sealed-under-the-wrong-name", "yield* sealing.seal(stored, text)", 'yield* sealing.seal("", text)'),
  inRecords("older-keys-do-not-open", "for (const seal of seals) {", "for (const seal of seals.slice(0, 1)) {"),
  inRecords("ignored-records-not-told", "if (text !== lastIgnored) ignored(why)", ""),

  inRecord("foreign-records-believed", '|| fields["name"] !== name', ""),
  inRecord("eternal-tokens-believed", "&& isPlausible(expiresAt - issuedAt)", ""),
  inRecord("unfit-tokens-believed", "if (AccessToken.defect(value) !== undefined) return undefined", ""),

  inNames("keys-share-a-record", "[provider, base.href, key.reveal()]", "[provider, base.href]"),
  inNames("hosts-share-a-record", "[provider, base.href, key.reveal()]", "[provider, key.reveal()]"),

  inSealing("short-keys-taken", "bytesOf(key).length >= shortest", "true"),
  inSealing("name-not-bound", "iv, additionalData: utf8(name) }", "iv }"),

  inIssuer("absurd-refusals-heeded", "if (left <= 0 || left > longest) return undefined", ""),
  inIssuer("retry-key-does-not-reach-the-storage", "refusal.at <= forgottenAt", "false"),
  inIssuer("undocumented-refusals-shared", "isDocumented ? told : undefined", "told"),

  inManager(
    "ended-token-for-the-replay",
    'if (isRisky && current === undefined && reason === "rejected") return false',
    ""
  ),
  inManager("young-token-not-taken", "age >= longest - windowOf(longest, renewal, lot)", "age >= 0"),
  inManager("token-about-to-end-for-the-replay", "longest - windowOf(longest, renewal, lot)", "longest"),
  inManager("old-token-not-taken-at-the-start", 'isRisky && current === undefined && reason === "rejected"', "isRisky"),
  inLives(
    "ages-of-others-ignored",
    "[own?.last, own?.estimate, found?.last, found?.estimate]",
    "[own?.last, own?.estimate]"
  ),

  inBudget("shared-budget-goes-back-in-time", "Math.max(bucket.at, now) : now", "now : now")
]
