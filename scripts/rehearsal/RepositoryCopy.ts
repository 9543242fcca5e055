import { cpSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { repositoryFiles } from "../../test/repositoryFiles.ts"
import { outside } from "../outside.ts"
import { readManifest } from "../publicPackages.ts"
import { root } from "../root.ts"
import { run } from "../run.ts"
import type { Registry } from "./registry.ts"

/** A changeset as a contributor writes it. */
export interface Change {
  readonly bump: "patch" | "minor" | "major"
  readonly packages: ReadonlyArray<string>
  readonly text: string
}

const changesetOf = ({ bump, packages, text }: Change): string =>
  `---\n${packages.map((name) => `${JSON.stringify(name)}: ${bump}\n`).join("")}---\n\n${text}\n`

/** This repository in another folder, with a history of its own: its releases and tags touch nothing here. */
export class RepositoryCopy {
  readonly #directory: string
  readonly #registry: Registry

  private constructor(directory: string, registry: Registry) {
    this.#directory = directory
    this.#registry = registry
  }

  static async make(directory: string, registry: Registry): Promise<RepositoryCopy> {
    const copy = new RepositoryCopy(directory, registry)
    for (const file of repositoryFiles) cpSync(join(root, file), join(directory, file))
    await copy.#run("git", ["init", "--quiet", "--initial-branch", "main"])
    await copy.#commit("Copy")
    await copy.#run("pnpm", ["install", "--frozen-lockfile", "--prefer-offline"])
    // Only now: the install is the workspace's own, and needs no registry that starts empty.
    writeFileSync(join(directory, ".npmrc"), registry.npmrc)
    return copy
  }

  addChange(name: string, change: Change): void {
    writeFileSync(join(this.#directory, `.changeset/${name}.md`), changesetOf(change))
  }

  /** What the release job does: the versions and notes, then the packages. Answers what is released. */
  async release(): Promise<string> {
    await this.#run("pnpm", ["run", "version"])
    await this.#run("pnpm", ["exec", "oxfmt", "--check"])
    await this.#commit("Release")
    await this.#publishesHere()
    await this.#run("pnpm", ["release"])
    return readManifest(join(this.#directory, "packages/core")).version
  }

  /** Publishes with the release job's settings, but not in its runner, and answers what stood in the way. */
  async publishWith(settings: NodeJS.ProcessEnv): Promise<string> {
    const { GITHUB_ACTIONS: _github, GITLAB_CI: _gitlab, ...env } = this.#env()
    await this.#publishesHere()
    return run("pnpm", ["publish", "--no-git-checks"], {
      cwd: join(this.#directory, "packages/core"),
      env: { ...env, ...settings }
    }).then(
      () => "nothing",
      (error: unknown) => String(error)
    )
  }

  changelog(packageDirectory: string): string {
    return readFileSync(join(this.#directory, packageDirectory, "CHANGELOG.md"), "utf8")
  }

  /** Someone who rehearses may well be logged in to the registry that the world uses. */
  async #publishesHere(): Promise<void> {
    const registry = await this.#run("pnpm", ["config", "get", "registry"])
    if (registry.trim() !== this.#registry.url) throw new Error(`The copy would publish to ${registry.trim()}.`)
  }

  async #commit(message: string): Promise<void> {
    const author = ["-c", "user.name=rehearsal", "-c", "user.email=rehearsal@localhost"]
    await this.#run("git", [...author, "add", "--all"])
    await this.#run("git", [...author, "commit", "--quiet", "--no-verify", "--no-gpg-sign", "--message", message])
  }

  #run(command: string, args: ReadonlyArray<string>): Promise<string> {
    return run(command, args, { cwd: this.#directory, env: this.#env() })
  }

  /** The settings that pnpm hands to scripts would win over the copy's own. */
  #env(): NodeJS.ProcessEnv {
    return { ...outside, PATH: process.env["PATH"] }
  }
}
