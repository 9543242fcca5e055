#!/usr/bin/env node
// The default import: a named one of a function that an older Node does not have would end it before the check below.
import nodeModule from "node:module"
import { privateCacheFolder } from "./privateCacheFolder.ts"
import { stopOnSignals } from "./program/stopOnSignals.ts"

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)

if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`tokenkeep: needs Node 22.19 or later; this is v${process.versions.node}.\n`)
  process.exitCode = 1
} else {
  // First, because loading the rest takes longer than anything before it, and a signal would end the process meanwhile.
  const signal = stopOnSignals()
  // Compiled code is kept between starts: a shell calls this command often, and each call loads the same code.
  const cache = privateCacheFolder()
  if (cache !== undefined) nodeModule.enableCompileCache(cache)

  void import("./program/program.ts").then(({ run }) =>
    run(process.argv.slice(2), new URL("../package.json", import.meta.url), signal)
  )
}
