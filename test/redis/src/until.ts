import { setTimeout } from "node:timers/promises"

/** Polls until a condition holds. A condition that throws does not hold yet. */
export const until = async (
  what: string,
  holds: () => boolean | Promise<boolean>,
  { within = 240_000 }: { readonly within?: number } = {}
): Promise<void> => {
  const end = performance.now() + within
  while (performance.now() < end) {
    // One after the other: two checks at once would find the condition no sooner.
    const held = await Promise.resolve()
      .then(holds)
      .catch(() => false)
    if (held) return
    await setTimeout(20)
  }
  throw new Error(`${what}: not within ${within} ms`)
}
