import type { RunningFakeDeeply } from "@tokenkeep/deeply/testing"
import type { ConsoleFeed, Control } from "console-page"
import type { RedisServer } from "redis-servers"
import type { DemoFleet } from "./startDemoFleet.ts"

const always: ReadonlyArray<Control> = [
  { name: "expire", label: "Expire all tokens", hint: "The API rejects every token as expired." },
  { name: "revoke", label: "Revoke the token", hint: "The API rejects every token as invalid." },
  { name: "rotate", label: "Rotate the API key", hint: "The API rejects the old key and its tokens." },
  { name: "kill", label: "Kill a process", hint: "One process ends at once, and is restarted after a moment." },
  { name: "freeze", label: "Freeze a process", hint: "One process stands still for three seconds." }
]
const stop: Control = {
  name: "stop-redis",
  label: "Stop Redis",
  hint: "Without the storage, each process fetches a token of its own."
}
const start: Control = {
  name: "start-redis",
  label: "Start Redis",
  hint: "From the next renewal on, the processes share one token again."
}

/** The controls of the demo, and what they do. */
export const makeFaults = (parts: {
  readonly server: RunningFakeDeeply
  readonly fleet: DemoFleet
  readonly feed: ConsoleFeed
  /** The Redis of the demo, if it has its own. */
  readonly redis: RedisServer | undefined
  readonly saveKey: (apiKey: string) => void
}) => {
  const { feed, fleet, redis, saveKey, server } = parts
  const showControls = (isRedisRunning: boolean): void =>
    feed.setControls(redis === undefined ? always : [...always, isRedisRunning ? stop : start])

  showControls(true)
  return {
    expire: (): void => {
      feed.note("All tokens expired")
      server.expireTokens()
    },
    revoke: (): void => {
      feed.note("Token revoked")
      server.revokeTokens()
    },
    rotate: (): void => {
      feed.note("API key rotated")
      saveKey(server.rotateKey())
      server.revokeTokens()
    },
    kill: fleet.kill,
    freeze: fleet.freeze,
    ...(redis === undefined
      ? undefined
      : {
          "stop-redis": async (): Promise<void> => {
            await redis.kill()
            feed.note("Redis stopped")
            showControls(false)
          },
          "start-redis": async (): Promise<void> => {
            await redis.restart()
            feed.note("Redis started")
            showControls(true)
          }
        })
  }
}
