import type { DeeplyClient } from "@tokenkeep/deeply"
import { UsageError } from "../output/UsageError.ts"
import { type ProfileChoice, selectProfile } from "../profiles/Profile.ts"
import { openDeeply } from "./openClient.ts"

/** The client of a command that only the Deeply API has. */
export const openDeeplyProfile = async (choice: ProfileChoice): Promise<DeeplyClient> => {
  const profile = await selectProfile(choice)
  if (profile.settings.type === "deeply") return openDeeply({ ...profile, settings: profile.settings })
  throw new UsageError(
    `The profile ${profile.name} is not one of the Deeply API.`,
    "Choose a profile of type deeply, or use tokenkeep request."
  )
}
