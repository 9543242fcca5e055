/** A word or phrase that the repository does not use, and what to write in its place. */
interface BannedWord {
  /** The source of a regular expression for whole words in either case. A space stands for any whitespace. */
  readonly pattern: string
  readonly use: string
}

export const bannedWords: ReadonlyArray<BannedWord> = [
  // Names no subject.
  { pattern: "whoever", use: "the subject, such as the caller or the process" },
  { pattern: "nobody", use: "no process, no caller, nothing" },
  { pattern: "somebody", use: "the subject, such as another process" },
  { pattern: "whom", use: "the subject, in a sentence of its own" },
  { pattern: "all who", use: "all callers, all processes" },
  { pattern: "those who", use: "the callers that, users that" },

  // Unusual verbs and idioms.
  { pattern: "(is|are|was|were|be|been) had", use: "is fetched, is renewed, is available" },
  { pattern: "(is|are|was|were|be|been) told", use: "is notified, receives, is given" },
  { pattern: "heed(s|ed|ing)?", use: "read, apply, respect" },
  { pattern: "mended", use: "fixed" },
  { pattern: "so many", use: "the number" },
  { pattern: "no more than that", use: "the limit or the list itself" },

  // Private names of concepts.
  { pattern: "issue calls?", use: "token request" },
  { pattern: "(promise|effect) door", use: "promise API, Effect API" },
  { pattern: "doors", use: "APIs" },
  { pattern: "hit path", use: "fast path" },
  { pattern: "cleartext\\w*", use: "allowInsecureHttp" },
  { pattern: "patience|patiently", use: "maxWait, with retries" },
  { pattern: "standing ?refusals?", use: "active rejection" },
  { pattern: "manners", use: "behaviour" },
  { pattern: "wholes", use: "end-to-end" },
  { pattern: "kin", use: "related" },
  { pattern: "giveOut", use: "resolveWaiters" },
  { pattern: "leaveAlone", use: "backOff" },
  { pattern: "strayFor", use: "unsharedUntil" },
  { pattern: "glance", use: "clockCacheMs" },
  { pattern: "toTheEnd", use: "runDetached" },
  { pattern: "bells", use: "watchers" }
]
