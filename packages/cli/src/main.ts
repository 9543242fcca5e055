#!/usr/bin/env node
import { enableCompileCache } from "node:module"

// Compiled code is kept between starts: a shell calls this command often, and each call loads the same code.
enableCompileCache()

const { run } = await import("./program.ts")
await run(process.argv.slice(2))
