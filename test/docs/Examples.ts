import { execFile, type ExecFileException } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { bundlePrograms } from "test-programs"
import { root } from "../repositoryFiles.ts"
import type { Block } from "./Markdown.ts"

/** Examples are written here, where packages resolve as they do for an application. */
const folder = join(root, "test/.examples")

export interface Example {
  /** Its place in the documentation, as file:line. */
  readonly name: string
  readonly file: string
  readonly program: string
  /** What it must print: once by its `// =>` comments, once by a text block right after it. */
  readonly expected: ReadonlyArray<ReadonlyArray<string>>
}

export interface Located extends Block {
  /** The file of the document: a Markdown page, or a module with docstrings. */
  readonly source: string
  /** A block may continue an earlier one of the same document. */
  readonly document: string
}

const commentsIn = ({ text }: Block): ReadonlyArray<string> =>
  [...text.matchAll(/\/\/ => (.*)$/gm)].flatMap(([, line]) => (line === undefined ? [] : [line.trimEnd()]))

const shownAfter = ({ next }: Block): ReadonlyArray<string> =>
  next?.language === "text" ? next.text.trimEnd().split("\n") : []

/** Matches anything within a line of the output, or any number of lines if it is alone on one. */
const anything = "…"

/** Keeps the line numbers of the document, so that an error names the line to fix. */
const placed = (before: string, { line, text }: Block): string =>
  before + "\n".repeat(Math.max(0, line - before.split("\n").length + 1)) + text

const exampleOf = (block: Located, previous: Example | undefined): Example => {
  const name = `${block.source}:${block.line}`
  const before = previous ? (previous.expected.at(-1) ?? [anything]) : []
  const expected = [commentsIn(block), shownAfter(block)].filter((lines) => lines.length > 0)
  return {
    name,
    file: join(folder, `${name.replaceAll(/[^\w.-]+/g, "-")}.ts`),
    program: placed(previous?.program ?? "", block),
    expected: expected.map((lines) => [...before, ...lines])
  }
}

/** Every TypeScript block as a program. One marked `continue` starts with the block before it. */
export const examplesOf = (blocks: ReadonlyArray<Located>): ReadonlyArray<Example> => {
  const last = new Map<string, Example>()
  return blocks
    .filter(({ language }) => language === "ts")
    .map((block) => {
      const example = exampleOf(block, block.meta === "continue" ? last.get(block.document) : undefined)
      last.set(block.document, example)
      return example
    })
}

export const writeExamples = (examples: ReadonlyArray<Example>): void => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, "home"), { recursive: true })
  for (const { file, program } of examples) writeFileSync(file, `${program}\n`)
}

export interface Run {
  readonly failure: string | undefined
  readonly printed: ReadonlyArray<string>
}

const failureOf = (error: ExecFileException, stderr: string): string =>
  error.killed === true ? "still running after 60 s" : `exited with ${error.code}\n${stderr}`

const start = (command: string, args: ReadonlyArray<string>, options: object): Promise<Run> =>
  new Promise((resolve) => {
    execFile(command, args, { ...options, encoding: "utf8" }, (error, stdout, stderr) =>
      resolve({
        failure: error ? failureOf(error, stderr) : undefined,
        printed: stdout.trimEnd() === "" ? [] : stdout.trimEnd().split("\n")
      })
    )
  })

const isTest = ({ program }: Example): boolean => /from "(?:vitest|@tokenkeep\/conformance\/vitest)"/.test(program)

const programs = join(folder, "programs")

/** Bundles all examples that are not tests, before they are run. */
export const buildExamples = (examples: ReadonlyArray<Example>) =>
  bundlePrograms(
    Object.fromEntries(
      examples.flatMap((example) => (isTest(example) ? [] : [[basename(example.file, ".ts"), example.file]]))
    ),
    programs
  )

/** The arguments for Node: a test runs in vitest, a program by itself. */
const argumentsFor = (example: Example): ReadonlyArray<string> =>
  isTest(example)
    ? [
        join(root, "node_modules/vitest/vitest.mjs"),
        "run",
        "--config",
        join(root, "test/vitest.examples.ts"),
        example.file
      ]
    : [join(programs, `${basename(example.file, ".ts")}.mjs`)]

/** Runs an example without this machine's environment: no API key, no host, an empty home. */
export const runExample = (example: Example, more: Readonly<Record<string, string>> = {}): Promise<Run> =>
  start(process.execPath, argumentsFor(example), {
    cwd: folder,
    env: {
      PATH: process.env["PATH"],
      HOME: join(folder, "home"),
      NO_COLOR: "1",
      NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
      ...more
    },
    timeout: 240_000
  })

/** Type-checks all examples at once; returns the compiler's errors by file. */
export const typecheckExamples = async (): Promise<ReadonlyMap<string, ReadonlyArray<string>>> => {
  const tsc = join(root, "node_modules/.bin/tsc")
  const { printed, failure } = await start(tsc, ["-p", "tsconfig.examples.json", "--pretty", "false"], {
    cwd: join(root, "test")
  })
  const errors = new Map<string, Array<string>>()
  const add = (file: string, text: string) => void errors.set(file, [...(errors.get(file) ?? []), text])
  let at = ""
  for (const line of printed) {
    const [, file, row, text] = /^([^\s(][^(]*)\((\d+),\d+\): (.*)$/.exec(line) ?? []
    at = file === undefined ? at : join(root, "test", file)
    add(at, file === undefined ? line : `line ${row}: ${text}`)
  }
  if (failure !== undefined && errors.size === 0) add("tsc", failure)
  return errors
}

const escape = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&")

/** Whether a program printed what was expected. */
export const matches = (printed: ReadonlyArray<string>, expected: ReadonlyArray<string>): boolean => {
  const lines = expected.map((line) =>
    line.trim() === anything ? "(?:.*\\n)*" : `${escape(line).replaceAll(anything, ".*")}\\n`
  )
  return new RegExp(`^${lines.join("")}$`).test(printed.map((line) => `${line}\n`).join(""))
}
