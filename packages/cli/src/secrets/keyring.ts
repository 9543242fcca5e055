import { placeName, type SecretPlace } from "./SecretPlace.ts"

const service = "tokenkeep"

/** A locked keyring may wait for a person, in milliseconds. */
const longestWait = 30_000

/**
 * The entry of the operating system's keyring. On Linux, that is the Secret Service alone: the kernel's keyring, which the
 * library uses without one, forgets everything when the machine restarts.
 */
const entry = async (place: SecretPlace) => {
  const { AsyncEntry } = await import("@napi-rs/keyring")
  return new AsyncEntry(service, placeName(place), { linux: { store: "secret-service" } })
}

const limit = () => AbortSignal.timeout(longestWait)

/** Why the keyring cannot be used: one sentence, without its full stop. */
const reasonOf = (error: unknown): string => {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown }
  if (code === "ERR_MODULE_NOT_FOUND") return "the package @napi-rs/keyring is not installed"
  if (/DBUS_SESSION_BUS_ADDRESS/.test(String(message))) return "there is no D-Bus session"
  const [sentence = ""] = typeof message === "string" ? message.split(/\.?\n|\. |\.$/) : []
  return sentence || "unknown cause"
}

/** The keyring of the operating system. It rejects with the library's error if it cannot be used. */
export const keyring = {
  load: async (place: SecretPlace): Promise<string | undefined> =>
    (await (await entry(place)).getPassword(limit())) ?? undefined,
  save: async (place: SecretPlace, secret: string): Promise<void> => (await entry(place)).setPassword(secret, limit()),
  /** Returns whether there was one. */
  remove: async (place: SecretPlace): Promise<boolean> => (await entry(place)).deleteCredential(limit()),
  reasonOf
}
