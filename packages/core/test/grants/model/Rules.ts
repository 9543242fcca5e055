/**
 * The rules of docs/decisions/0020-shared-refresh-tokens.md, as switches: `true` applies a rule. A test switches them off
 * one at a time, and the model must then find a fault. The comment of each says what a process does without it.
 *
 * Rule 12 is a part of the configuration, because it depends on the server and on what a process can see of others. Not in
 * the model: how a connection is opened (rule 8), and how long a process waits for an owner that it cannot see (rule 12).
 */
export const allRules = {
  /** Rule 1. Without: a record that cannot be read counts as absent, and the configured token takes its place. */
  unreadableIsAnError: true,
  /** Rule 2, for the intent. Without: it is written over whatever is stored. */
  intentComparesAttempt: true,
  /** Rule 2, for the verdict. */
  verdictComparesAttempt: true,
  /** Rules 2 and 14, for the successor. Without: only the grant and its generation are compared. */
  successorComparesAttempt: true,
  /** Rule 3. Without: each process has a record of its own, for example because its name depends on a key. */
  oneRecord: true,
  /** Rule 4. Without: a process that starts puts its configured token into the record. */
  recordWinsAtStart: true,
  /** Rule 5. Without: a process whose load fails sends the token that it remembers. */
  failedLoadEndsAttempt: true,
  /** Rule 6. Without: nothing is written before the token is sent. */
  intentFirst: true,
  /** Rule 6. Without: a process may write its intent after a newer lease was granted. */
  intentFenced: true,
  /** Rule 6. Without: `until` does not include the time that a request may still be under way. */
  untilIncludesNetwork: true,
  /** Rule 7. Without: the token is sent although the intent may not be stored. */
  unclearIntentSendsNothing: true,
  /** Rule 8. Without: nothing is checked before the bytes leave. */
  checkClock: true,
  /** Rule 9. Without: a connection that broke counts as a token that was not used. */
  brokenIsUnknown: true,
  /** Rule 9. Without: after a 429, the token is sent again without another look at the clock. */
  limitedChecksClock: true,
  /** Rule 10. Without: a process does not read a response that comes after its lease. */
  listenAfterLease: true,
  /** Rule 11. Without: a process takes over as soon as it has the lease. */
  waitForUntil: true,
  /** Rule 13. Without: the record does not say that an exchange was taken over. */
  markTakenOver: true,
  /** Rule 13. Without: the grant is given up after the second interrupted exchange. */
  replayUntilDefinite: true,
  /** Rule 14. Without: the successor is saved only by the newest owner of the lease. */
  successorNotFenced: true,
  /** Rule 14. Without: a successor is dropped when its save fails. */
  retrySave: true,
  /** Rule 15. Without: a successor is dropped when its save is refused. */
  keepRefusedSuccessor: true,
  /** Rules 15 and 11. Without: a kept successor is saved before the `until` of another process's intent. */
  keptSuccessorWaits: true,
  /** Rule 15. Without: a successor is not saved over a verdict. */
  saveOverVerdict: true,
  /** Rule 16. Without: the access token is handed out before the save starts. */
  saveBeforeHandOut: true,
  /** Rule 17. Without: a refused token is sent once more. */
  refusedTokenIsNotSent: true,
  /** Rule 18. Without: a process sends a token that the record shows as lost. */
  verdictStands: true,
  /** Rule 18. Without: a process that reported a verdict does not load the record again. */
  lookAgainAfterChange: true,
  /** Rule 19. Without: a refusal of the client or its scope counts as one of the token. */
  otherRefusalsKeepGrant: true,
  /** Rule 20. Without: a replaced grant has the id of the previous one. */
  newGrantId: true,
  /** Rule 21. Without: a process that remembers a newer generation than the record's sends the older token. */
  putBackRemembered: true
}

export type Rules = typeof allRules

export const without = (...rules: ReadonlyArray<keyof Rules>): Rules => ({
  ...allRules,
  ...Object.fromEntries(rules.map((rule) => [rule, false]))
})
