import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { TokenStorage } from "../../src/index.ts"
import type { ProviderOverrides } from "./exampleProvider.ts"
import { refreshProvider, type refreshServer } from "./refreshServer.ts"
import type { sharedStorage } from "./scriptedStorage.ts"
import { testManager, type TestManagerOptions } from "./testManager.ts"

/** The capabilities of a storage in memory: its records are not encrypted, so that a test can read them. */
const volatile = { durable: false, shared: false, acquireLease: true, watch: false, exclusive: true }

/** A clock that is ahead of the test's, as of another host. */
const clockAheadBy = (millis: number) =>
  Effect.map(Clock.Clock, (clock): Clock.Clock => ({
    sleep: (duration) => clock.sleep(duration),
    monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: clock.monotonicTimeNanos,
    currentTimeNanosUnsafe: () => clock.currentTimeNanosUnsafe(),
    currentTimeNanos: clock.currentTimeNanos,
    currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe() + millis,
    currentTimeMillis: Effect.map(clock.currentTimeMillis, (now) => now + millis)
  }))

/** A client with a refresh token, over a storage that clients share. */
export const grantClient = Effect.fnUntraced(function* ({
  clockAhead = 0,
  grant,
  provider,
  server,
  storage,
  ...options
}: Omit<TestManagerOptions, "storage" | "provider"> & {
  readonly server: ReturnType<typeof refreshServer>
  readonly storage: ReturnType<typeof sharedStorage>
  readonly grant?: Parameters<typeof refreshProvider>[0]
  readonly provider?: ProviderOverrides
  readonly clockAhead?: number
}) {
  const service = TokenStorage.of({ ...storage.service, capabilities: volatile })
  return yield* Effect.provideService(
    testManager({
      ...options,
      script: server.script,
      storage: { ...storage, service },
      provider: { ...refreshProvider(grant), ...provider }
    }),
    Clock.Clock,
    yield* clockAheadBy(clockAhead)
  )
})

/** The only grant in a storage. */
export const storedGrant = ({ exclusive }: ReturnType<typeof sharedStorage>): Readonly<Record<string, unknown>> => {
  const [record] = exclusive.records.values()
  return record === undefined ? {} : (JSON.parse(record.text) as Readonly<Record<string, unknown>>)
}
