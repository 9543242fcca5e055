import type { Profile } from "../profiles/Profile.ts"

/** Where a profile's requests go. Throws `CONFIG_INVALID` or `INSECURE_ORIGIN` for a host that is not allowed. */
export const baseUrlOf = async ({ settings }: Pick<Profile, "settings">): Promise<string> => {
  if (settings.type === "oauth2") return settings.baseUrl
  const { hostOf } = await import("@tokenkeep/deeply")
  return hostOf(settings.host).baseUrl
}
