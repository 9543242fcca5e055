import { setTimeout } from "node:timers/promises"

/** Waits until something holds, looking again and again; what throws does not hold yet. */
export const until = async (
  what: string,
  holds: () => boolean | Promise<boolean>,
  { within = 30_000 }: { readonly within?: number } = {}
): Promise<void> => {
  const end = performance.now() + within
  while (performance.now() < end) {
    // Looking twice at once would not make it happen sooner.
    const held = await Promise.resolve()
      .then(holds)
      .catch(() => false)
    if (held) return
    await setTimeout(20)
  }
  throw new Error(`${what}: not within ${within} ms`)
}
