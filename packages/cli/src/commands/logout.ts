import { TokenStorage } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import { readStored } from "../clients/readStored.ts"
import { storageOf } from "../clients/storageOf.ts"
import { storageAddress, storagePlace } from "../clients/storagePlace.ts"
import { note } from "../output/note.ts"
import { type Profile, type ProfileChoice, selectProfile } from "../profiles/Profile.ts"
import { refreshGrantOf } from "../profiles/refreshGrantOf.ts"
import { findSecret } from "../secrets/findSecret.ts"
import { removeSecret } from "../secrets/keepSecret.ts"
import { sealedFiles } from "../secrets/sealedFiles.ts"
import { type SecretPlace, secretPlace } from "../secrets/SecretPlace.ts"

/** Removes the records that a client of this profile looks for: the access token, and what was learned about it. */
const removeTokens = async (profile: Profile, secret: string | undefined): Promise<boolean> => {
  const { isFound, names } = await readStored(profile, secret === undefined ? {} : { secret: () => secret })
  if (!isFound) return false
  const storage = await storageOf(profile.settings.storage)
  const remove = TokenStorage.use((found) => Effect.forEach(names, found.remove))
  await Effect.runPromise(Effect.provide(remove, storage))
  return true
}

/** Without the secret, the record of its access token cannot be found. */
const tokenStays = ({ name, settings }: Profile, { kind }: SecretPlace) =>
  new Error(
    `A stored access token was not removed: its record in ${storageAddress(storagePlace(settings.storage))} is found with the ${kind}, which could not be decrypted. ` +
      `To remove the token, run tokenkeep login --profile ${name} with the same ${kind}, and then tokenkeep logout.`
  )

/** `tokenkeep logout`: removes what `tokenkeep login` kept, and the stored access token. */
export const logout = async (options: ProfileChoice): Promise<void> => {
  const profile = await selectProfile(options)
  const grant = refreshGrantOf(profile)
  const place = await secretPlace(profile)
  const wasSealed = place !== undefined && sealedFiles.has(place)
  const { from, problem, secret } = place === undefined ? {} : await findSecret(place, profile)
  // The record's name depends on the secret, so the token is removed first.
  const hadToken = (secret !== undefined || grant !== undefined) && (await removeTokens(profile, secret))
  const removed = place === undefined ? [] : await removeSecret(place, from)
  const all = [...(hadToken ? ["the stored access token"] : []), ...removed]
  note(
    all.length === 0 ? `There was nothing to remove for the profile ${profile.name}.` : `Removed: ${all.join(", ")}.`
  )
  if (wasSealed && secret === undefined) {
    if (grant === undefined && profile.settings.storage?.type !== "memory") throw tokenStays(profile, place)
  } else if (problem !== undefined) note(problem)
  if (grant !== undefined) {
    note(`The refresh token of the grant ${grant.id} stays in the storage: withdraw the consent at the server.`)
  }
}
