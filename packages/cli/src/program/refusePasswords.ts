import { UsageError } from "../output/UsageError.ts"

const holdsPassword = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const { password, username } = new URL(text)
  return password !== "" || username !== ""
}

/** Arguments are visible to every user of the machine, in `ps`, so a URL with a password is refused. */
export const refusePasswords = (args: ReadonlyArray<string>): void => {
  if (!args.some((arg) => holdsPassword(arg) || holdsPassword(arg.slice(arg.indexOf("=") + 1)))) return
  throw new UsageError(
    "An argument is a URL with a user or a password, which every user of this machine can see.",
    "Set it in the environment, such as REDIS_URL, or in a file that the configuration names."
  )
}
