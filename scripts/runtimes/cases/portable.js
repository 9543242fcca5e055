// What runs without Node's modules too, as one bundle: in workerd and in browsers.
import { suite as deeply } from "./deeply.js"
import { suite as lifeInMemory } from "./lifeInMemory.js"
import { suite as memory } from "./memory.js"

const suites = { deeply, lifeInMemory, memory }

export const run = (name, settings) => suites[name](settings)
