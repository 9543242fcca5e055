#!/usr/bin/env node
import { enableCompileCache } from "node:module"
import { privateCacheFolder } from "./privateCacheFolder.ts"

// Compiled code is kept between starts: a shell calls this command often, and each call loads the same code.
const cache = privateCacheFolder()
if (cache !== undefined) enableCompileCache(cache)

void import("./program/program.ts").then(({ run }) =>
  run(process.argv.slice(2), new URL("../package.json", import.meta.url))
)
