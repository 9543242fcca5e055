// A setup file. node-redis builds a class with its four hundred commands for each client whose address differs from that of
// the client before. Here, clients with the same commands have one class: building classes took half of the suite's time.
import { createClient, createSentinel } from "redis"

interface Config {
  readonly RESP?: number
  readonly modules?: object
  readonly functions?: object
  readonly scripts?: object
}

interface ClientBase {
  factory: (config: Config) => unknown
}

/** The class that node-redis derives the classes with commands from. */
const baseOf = (client: object): ClientBase => {
  const derived = Object.getPrototypeOf(Object.getPrototypeOf(client)) as { readonly constructor: object }
  return Object.getPrototypeOf(derived.constructor) as ClientBase
}

const keepClasses = (base: ClientBase): void => {
  const build = base.factory.bind(base)
  const built = new Map<string, unknown>()
  base.factory = (config) => {
    if (config.functions !== undefined || config.scripts !== undefined) return build(config)
    const commands = JSON.stringify([config.RESP, Object.keys(config.modules ?? {})])
    const made = built.get(commands) ?? build(config)
    built.set(commands, made)
    return made
  }
}

keepClasses(baseOf(createClient()))
keepClasses(baseOf(createSentinel({ name: "", sentinelRootNodes: [{ host: "", port: 1 }] })))
