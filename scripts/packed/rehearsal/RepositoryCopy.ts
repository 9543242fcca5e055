import { cpSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { repositoryFiles } from "../../../test/repositoryFiles.ts"
import { outside } from "../../outside.ts"
import { readManifest } from "../../publicPackages.ts"
import { root } from "../../root.ts"
import { run } from "../../run.ts"
import type { Registry } from "./startRegistry.ts"

/** This repository in another folder with its own history: its releases and tags do not touch this one. */
export class RepositoryCopy {
  readonly #directory: string
  readonly #registry: Registry

  constructor(directory: string, registry: Registry) {
    this.#directory = directory
    this.#registry = registry
  }

  async install(): Promise<this> {
    for (const file of repositoryFiles) cpSync(join(root, file), join(this.#directory, file))
    await this.#run("git init --quiet --initial-branch main")
    await this.#commit()
    await this.#run("pnpm install --frozen-lockfile --prefer-offline")
    // Only now: the install needs none of the new registry, which is empty at first.
    writeFileSync(join(this.#directory, ".npmrc"), this.#registry.npmrc)
    return this
  }

  addChangeset(name: string, text: string): void {
    writeFileSync(join(this.#directory, `.changeset/${name}.md`), text)
  }

  /** Does what the release job does: the versions and notes, then the packages. Returns the released version. */
  async release(): Promise<string> {
    await this.#run("pnpm run version")
    await this.#run("pnpm exec oxfmt --check")
    await this.#commit()
    await this.#checkRegistry()
    await this.#run("pnpm release")
    return readManifest(join(this.#directory, "packages/core")).version
  }

  /** Publishes one package with settings of the release job, but outside of its runner. */
  async publish(settings: NodeJS.ProcessEnv): Promise<void> {
    await this.#checkRegistry()
    const runner = { GITHUB_ACTIONS: undefined, GITLAB_CI: undefined }
    await this.#run("pnpm --dir packages/core publish --no-git-checks", { ...runner, ...settings })
  }

  changelog(packageDirectory: string): string {
    return readFileSync(join(this.#directory, packageDirectory, "CHANGELOG.md"), "utf8")
  }

  /** A contributor may be logged in to the public registry. */
  async #checkRegistry(): Promise<void> {
    const registry = (await this.#run("pnpm config get registry")).trim()
    if (registry !== this.#registry.url) throw new Error(`The copy would publish to ${registry}.`)
  }

  async #commit(): Promise<void> {
    await this.#run("git add --all")
    const author = "-c user.name=rehearsal -c user.email=rehearsal@localhost"
    await this.#run(`git ${author} commit --quiet --no-verify --no-gpg-sign --message Rehearsal`)
  }

  /** Runs a command without the settings that pnpm passes to scripts, which would override those of the copy. */
  #run(line: string, more: NodeJS.ProcessEnv = {}): Promise<string> {
    const [command = "", ...args] = line.split(" ")
    return run(command, args, { cwd: this.#directory, env: { ...outside, PATH: process.env["PATH"], ...more } })
  }
}
