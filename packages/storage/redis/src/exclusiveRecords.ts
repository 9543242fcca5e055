import { type ExclusiveRecords, StorageFailure } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import type { Names } from "./names.ts"
import { decodeExclusive, encodeString, isVersion } from "./recordEncoding.ts"
import type { Call } from "./runScript.ts"
import * as scripts from "./scripts.ts"

type Run = (
  operation: StorageFailure["operation"],
  script: scripts.Script,
  call: Call
) => Effect.Effect<unknown, StorageFailure>

/** Nothing is known of the record, so an operator must decide (STO-7). */
const damaged = (operation: "load" | "replace", key: string): StorageFailure =>
  new StorageFailure({ operation, detail: `the value of ${key} is not a record of Tokenkeep`, retryable: false })

/** Records that must not be lost: the server compares and writes in one step. */
export const exclusiveRecords = (run: Run, namesOf: (name: string) => Names): ExclusiveRecords => ({
  load: (name) => {
    const { exclusive, none } = namesOf(name)
    return Effect.flatMap(run("load", scripts.loadExclusive, { keys: [exclusive, none], args: [] }), (value) => {
      if (value === null || value === undefined) return Effect.undefined
      const found = decodeExclusive(value)
      return found === undefined ? damaged("load", exclusive) : Effect.succeed(found)
    })
  },

  replace: (name, { expected = "", fence = "", record }) => {
    const { channel, exclusive, fence: granted, lease } = namesOf(name)
    const encoded = encodeString(record.text)
    if (!isVersion(record.version) || record.version.length + encoded.length >= scripts.maxRecord) {
      const detail = `the version is invalid, or the record is larger than ${scripts.maxRecord} bytes`
      return new StorageFailure({ operation: "replace", detail, retryable: false })
    }
    const call = {
      keys: [exclusive, lease, granted],
      args: [record.version, encoded, channel, expected, `${fence}`]
    }
    return Effect.flatMap(run("replace", scripts.replaceExclusive, call), (result) =>
      String(result) === "-1" ? damaged("replace", exclusive) : Effect.succeed(String(result) === "1")
    )
  }
})
