import { run } from "./portable.js"

/** For a page, whose driver calls it. */
globalThis.runSuite = run
