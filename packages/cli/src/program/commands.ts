import type { Command } from "commander"
import { accountCommands } from "./accountCommands.ts"
import { note } from "../output/note.ts"
import { faultsPage } from "../output/pageOf.ts"
import { collect, defineCommand, oneOf, runs, withProfile } from "./defineCommand.ts"
import { day, numberOption } from "./numberOption.ts"

// Each command's own module is loaded only when it runs: the start of the others stays fast.

const listFormats = ["table", "json", "csv"]

const token = (signal: AbortSignal) =>
  withProfile(
    defineCommand("token", "print a valid access token, or what is known about it", [
      "tokenkeep token                                   what is known about the token",
      "TOKEN=$(tokenkeep token --reveal)                 the token alone",
      'curl -H "$(tokenkeep token --format header)" URL  a request with curl'
    ])
  )
    .option("--reveal", "print the token itself")
    .addOption(
      oneOf("--format <format>", "header and exec-credential contain the token", [
        "table",
        "json",
        "header",
        "exec-credential"
      ])
    )
    .action(runs(async (options) => (await import("../commands/token.ts")).token(options, signal)))

const request = (signal: AbortSignal) =>
  withProfile(
    defineCommand("request", "send an authorized request, and print the body of the response", [
      "tokenkeep request GET /api/v1/mics",
      "tokenkeep request POST /orders -H 'Content-Type: application/json' -d @order.json",
      "tokenkeep request GET /report --fail > report.csv"
    ])
  )
    .argument("<method>", "the method, such as GET")
    .argument("<path>", "the path below the base URL of the API, with its query")
    .option("-d, --data <data>", "the body; @FILE reads a file, and @- reads stdin; set its Content-Type with -H")
    .option("-H, --header <header>", 'a header as "Name: value"; repeatable', collect)
    .option("-i, --include", "print status and headers too")
    .option("--fail", "print no body if the status is 400 or above")
    .addHelpText("after", "\nThe exit code is 4 for a status from 400 to 499, and 5 for 500 and above.")
    .action(
      runs(async (method, path, options) =>
        (await import("../commands/request.ts")).request(method, path, options, signal)
      )
    )

const events = (signal: AbortSignal) =>
  withProfile(
    defineCommand("events", "list the sounds that microphones of the Deeply API detected", [
      "tokenkeep events --since 2h --label glass_break",
      "tokenkeep events --follow",
      "tokenkeep events --since 2025-08-01T00:00:00Z --format csv > august.csv"
    ])
  )
    .option("--since <time>", "an age such as 15m, 2h or 3d, or an ISO 8601 time (default: all; with --follow: now)")
    .option("--until <time>", "the latest time, in the same forms")
    .option("--label <id>", "only events with this label; repeatable", collect)
    .option("--mic <id>", "only events of this microphone; repeatable", collect)
    .option(
      "--limit <count>",
      "end after this many events",
      numberOption({ least: 1, most: 1e9, unit: "events", isWhole: true })
    )
    .option("-f, --follow", "print events as they happen, until Ctrl-C")
    .option(
      "--interval <seconds>",
      "the time between two requests of --follow (default: 5)",
      numberOption({ least: 1, most: day, unit: "seconds" })
    )
    .addOption(oneOf("--format <format>", "json is one document on each line", listFormats))
    .action(runs(async (options) => (await import("../commands/events.ts")).events(options, signal)))

const mics = (signal: AbortSignal) =>
  withProfile(
    defineCommand("mics", "list the microphones of the Deeply API", [
      "tokenkeep mics",
      "tokenkeep mics --edge edge-1 --format json"
    ])
  )
    .option("--name <name>", "only microphones with this name")
    .option("--edge <id>", "only microphones of this edge server")
    .addOption(oneOf("--format <format>", "json is one document on each line", listFormats))
    .action(runs(async (options) => (await import("../commands/mics.ts")).mics(options, signal)))

const fake = (signal: AbortSignal) =>
  defineCommand("fake", "run a fake Deeply API on this machine, for trials and tests", [
    "tokenkeep fake                       prints the address and a key, as commands for a shell",
    "tokenkeep fake --lifetime 10         tokens that expire after 10 seconds",
    "tokenkeep fake --faults faults.json  responses that fail as the file says"
  ])
    .option("--listen <address>", "the port on this machine; 0 takes a free one", "127.0.0.1:8100")
    .option(
      "--lifetime <seconds>",
      "the lifetime of a token (default: 900)",
      numberOption({ least: 0.001, most: 365 * day, unit: "seconds" })
    )
    .option("--faults <file>", "a JSON list of faults")
    .addHelpText("after", () => `\nThe faults are listed in ${faultsPage()}.`)
    .action(runs(async (options) => (await import("../commands/fake.ts")).fake(options, signal)))

const openHost =
  "tokenkeep: with --host and without TOKENKEEP_SERVE_SECRET, any program that calls this proxy by that name can use the API"

const serve = (signal: AbortSignal) =>
  withProfile(
    defineCommand("serve", "run a proxy on this machine that adds the token, for programs in any language", [
      "tokenkeep serve                                 then call http://127.0.0.1:8787 instead of the API",
      "tokenkeep serve --listen /run/tokenkeep.sock    listens on a Unix socket",
      'tokenkeep serve --allow "GET /api/v1/*"         forwards only GET requests',
      "tokenkeep serve --probe                         checks whether the proxy is ready, for Kubernetes"
    ])
  )
    .option("--listen <address>", "HOST:PORT on this machine, or the path of a Unix socket", "127.0.0.1:8787")
    .option(
      "--listen-anywhere",
      "let other machines call it; needs TOKENKEEP_SERVE_SECRET, which they send as a bearer token"
    )
    .option("--host <name>", "a host name by which callers may call it; repeatable", collect)
    .option("--allow <rule>", 'forward only such requests, such as "GET /api/v1/*"; repeatable', collect)
    .option("--allow-token", "let callers read the token at /-/token")
    .option(
      "--replay-body-limit <bytes>",
      "the longest body that can be sent again after a 401 (default: 1048576)",
      numberOption({ least: 0, most: 2 ** 30, unit: "bytes", isWhole: true })
    )
    .option(
      "--timeout <seconds>",
      "how long the API may be silent (default: 300)",
      numberOption({ least: 0.001, most: day, unit: "seconds" })
    )
    .option(
      "--grace <seconds>",
      "how long requests may take after SIGTERM (default: 10)",
      numberOption({ least: 0, most: day, unit: "seconds" })
    )
    .option("--probe", "check whether a running proxy is ready, and exit with 1 if it is not")
    .addHelpText("after", "\nIts own pages: /-/health, /-/metrics, /-/console, /-/events.")
    .action(
      runs(async (options) => {
        if (options.host !== undefined && !process.env["TOKENKEEP_SERVE_SECRET"]) note(openHost)
        return (await import("../serve/serve.ts")).serve(options, signal)
      })
    )

/** All commands, in the order of the help. */
export const commands = (signal: AbortSignal): ReadonlyArray<Command> =>
  [token, request, events, mics, ...accountCommands, serve, fake].map((define) => define(signal))
