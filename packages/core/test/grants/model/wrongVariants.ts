import { type Configuration, faultKinds } from "./Configuration.ts"
import type { Rules } from "./Rules.ts"

/** The rules without one of their parts, a configuration in which that matters, and the first fault that follows. */
interface WrongVariant {
  readonly rule: number
  readonly without: keyof Rules
  readonly in: Partial<Configuration>
  readonly finds: string
}

const falselyRejected = "a grant was recorded as rejected although the user has not revoked it"

export const wrongVariants: ReadonlyArray<WrongVariant> = [
  { rule: 1, without: "unreadableIsAnError", in: {}, finds: "lost by: load failed" },
  {
    rule: 2,
    without: "intentComparesAttempt",
    in: { replacements: 1, faults: 0 },
    finds: "a replaced grant was overwritten"
  },
  {
    rule: 2,
    without: "verdictComparesAttempt",
    in: { replacements: 1 },
    finds: "a grant was given up although a process has the successor"
  },
  {
    rule: 2,
    without: "successorComparesAttempt",
    in: { server: "last" },
    finds: "lost by: freeze: holding the successor"
  },
  { rule: 3, without: "oneRecord", in: { faults: 0 }, finds: "lost by: no fault" },
  { rule: 4, without: "recordWinsAtStart", in: { restarts: 1 }, finds: "lost by: crash: elsewhere" },
  { rule: 5, without: "failedLoadEndsAttempt", in: {}, finds: "lost by: load failed" },
  { rule: 6, without: "intentFirst", in: {}, finds: "lost by: lease forgotten: response under way" },
  {
    rule: 6,
    without: "untilIncludesNetwork",
    in: { server: "last" },
    finds: "lost by: connection broken: request under way"
  },
  {
    rule: 7,
    without: "unclearIntentSendsNothing",
    in: { faults: 2 },
    finds: "lost by: lease forgotten: response under way + write failed: intent"
  },
  {
    rule: 8,
    without: "checkClock",
    in: {},
    finds: "a process sent a token after its time, without a freeze after its check"
  },
  {
    rule: 9,
    without: "brokenIsUnknown",
    in: { server: "last" },
    finds: "lost by: connection broken: request under way"
  },
  {
    rule: 9,
    without: "limitedChecksClock",
    in: { faults: 2 },
    finds: "a process sent a token after its time, without a freeze after its check"
  },
  { rule: 10, without: "listenAfterLease", in: { server: "lenient" }, finds: "lost by: freeze: response under way" },
  { rule: 11, without: "waitForUntil", in: {}, finds: "lost by: lease forgotten: response under way" },
  { rule: 13, without: "markTakenOver", in: {}, finds: falselyRejected },
  {
    rule: 13,
    without: "replayUntilDefinite",
    in: { faults: 2 },
    finds: "a grant was given up although its token works"
  },
  { rule: 14, without: "successorNotFenced", in: {}, finds: "lost by: lease forgotten: holding the successor" },
  { rule: 14, without: "retrySave", in: {}, finds: "lost by: write failed: successor" },
  {
    rule: 15,
    without: "keepRefusedSuccessor",
    in: { server: "lenient" },
    finds: "lost by: freeze: holding the successor"
  },
  {
    rule: 15,
    without: "keptSuccessorWaits",
    in: { server: "last", faults: 2 },
    finds: "lost by: freeze: holding the successor + lease forgotten: holding the successor"
  },
  { rule: 15, without: "saveOverVerdict", in: { server: "lenient" }, finds: "lost by: freeze: holding the successor" },
  { rule: 17, without: "refusedTokenIsNotSent", in: {}, finds: "a process sent a refused token again" },
  { rule: 18, without: "verdictStands", in: {}, finds: "a verdict did not stand" },
  {
    rule: 18,
    without: "lookAgainAfterChange",
    in: { replacements: 1 },
    finds: "a process never gets a token, nor a verdict"
  },
  { rule: 19, without: "otherRefusalsKeepGrant", in: {}, finds: falselyRejected },
  { rule: 20, without: "newGrantId", in: { replacements: 1, faults: 0 }, finds: "a replaced grant was overwritten" },
  {
    rule: 21,
    without: "putBackRemembered",
    in: { rotations: 2, faultKinds },
    finds: "a process sent a token although it remembers the successor"
  }
]

/** Rules that protect no grant: they save requests, or time for the caller. */
export const protectNothing: ReadonlyArray<keyof Rules> = ["intentFenced", "saveBeforeHandOut"]
