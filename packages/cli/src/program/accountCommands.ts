import type { Command } from "commander"
import { defineCommand, oneOf, runs, withProfile } from "./defineCommand.ts"

const login = (signal: AbortSignal) =>
  withProfile(
    defineCommand("login", "read a secret without echo, check it, and keep it for a profile", [
      "tokenkeep login                                   asks for the API key",
      "tokenkeep login --profile crm < secret.txt        reads a secret from a file",
      "pass show crm | tokenkeep login --profile crm     reads a secret from another program"
    ])
  )
    .option("--no-check", "keep the secret without a request to the API")
    .option("--client-secret", "for a profile with a refresh token: keep its client secret")
    .addHelpText(
      "after",
      `
An API key or a client secret is kept in the keyring of the operating system, else in
a file that is sealed with TOKENKEEP_ENCRYPTION_KEY. A refresh token is kept in the
storage of the profile: all clients that share the grant use it from then on.`
    )
    .action(runs(async (options) => (await import("../commands/login.ts")).login(options, signal)))

const logout = () =>
  withProfile(
    defineCommand("logout", "remove what login kept, and the stored access token", [
      "tokenkeep logout",
      "tokenkeep logout --profile crm"
    ])
  ).action(runs(async (options) => (await import("../commands/logout.ts")).logout(options)))

const formats = ["table", "json"]

const status = () =>
  withProfile(
    defineCommand("status", "show the state of all profiles, without a request to an API", [
      "tokenkeep status",
      "tokenkeep status --profile crm --format json"
    ])
  )
    .addOption(oneOf("--format <format>", "the output format", formats))
    .addHelpText(
      "after",
      "\nThe exit code is 1 if a profile has a problem, which is shown below the table, and 2 if the configuration is wrong."
    )
    .action(runs(async (options) => (await import("../commands/status.ts")).status(options)))

const doctor = (signal: AbortSignal) =>
  withProfile(
    defineCommand("doctor", "check what a profile needs: secret, storage, hosts, clock, proxies, versions", [
      "tokenkeep doctor",
      "tokenkeep doctor --profile crm --format json"
    ])
  )
    .addOption(oneOf("--format <format>", "the output format", formats))
    .addHelpText(
      "after",
      "\nThe exit code is 1 if a check fails. It requests one token, to see whether the secret is accepted."
    )
    .action(runs(async (options) => (await import("../commands/doctor.ts")).doctor(options, signal)))

/** The commands that keep secrets, and that show and check profiles. */
export const accountCommands: ReadonlyArray<(signal: AbortSignal) => Command> = [login, logout, status, doctor]
