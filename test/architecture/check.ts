import { isBuiltin } from "node:module"
import { posix } from "node:path"
import * as Rules from "./Rules.ts"
import { type Import, type Syntax, syntaxOf } from "./Syntax.ts"

export interface Violation {
  readonly rule: string
  readonly file: string
  readonly line: number
  readonly message: string
}

/** Manifests and TypeScript files of a workspace, by their path from its root. */
export type Files = Readonly<Record<string, string>>

export interface Options {
  /** How stable a module of effect is: "stable", "unstable" or "experimental"; undefined if there is no such module. */
  readonly stabilityOf: (module: string) => string | undefined
}

interface Manifest {
  readonly name: string
  readonly type?: string
  readonly license?: string
  readonly sideEffects?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

interface Member {
  readonly dir: string
  readonly kind: Rules.Kind
  readonly manifest: Manifest
}

interface Module {
  readonly file: string
  readonly member: Member
  readonly syntax: Syntax
  /** Whether it is in the src of a package, and so is published. */
  readonly product: boolean
  readonly testing: boolean
}

type Report = (rule: string, line: number, message: string) => void

const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/")

const isRelative = (specifier: string): boolean =>
  /^\.{0,2}\//.test(specifier) || specifier === "." || specifier === ".."

const dependenciesOf = ({ dependencies, peerDependencies }: Manifest): ReadonlyArray<string> =>
  Object.keys({ ...dependencies, ...peerDependencies })

const allowedPackages = ({ kind, manifest }: Member, file: string): ReadonlySet<string> => {
  const allowed = new Set<string>(Rules.foundations[kind as keyof typeof Rules.foundations])
  if (Rules.mayImportOwnPeers.has(kind)) {
    const peers = Object.keys(manifest.peerDependencies ?? {})
    for (const peer of peers.filter((name) => !name.startsWith("@tokenkeep/"))) allowed.add(peer)
  }
  if (kind === Rules.composition.kind && file === Rules.composition.file) {
    for (const name of Rules.composition.packages) allowed.add(name)
  }
  return allowed
}

const checkDirection = ({ file, member, syntax, product }: Module, apps: ReadonlySet<string>, report: Report): void => {
  const allowed = allowedPackages(member, file.slice(member.dir.length + 1))
  for (const { specifier, line } of syntax.imports) {
    if (isRelative(specifier) || isBuiltin(specifier)) continue
    const name = packageOf(specifier)
    if (apps.has(name) && name !== member.manifest.name) report("nothing-imports-apps", line, `imports the app ${name}`)
    else if (product && !allowed.has(name)) report("import-direction", line, `may not import ${specifier}`)
  }
}

const isNodeException = (file: string, { specifier, kind }: Import): boolean =>
  file === Rules.nodeException.file &&
  specifier === Rules.nodeException.specifier &&
  Rules.nodeException.kinds.some((allowed) => allowed === kind)

const checkRuntimeNeutral = ({ file, member, syntax }: Module, report: Report): void => {
  if (!Rules.runtimeNeutral.has(member.dir) || file.startsWith(Rules.nodeFolder)) return
  for (const found of syntax.imports.filter(({ specifier }) => isBuiltin(specifier))) {
    if (!isNodeException(file, found)) report("runtime-neutral", found.line, `imports ${found.specifier}`)
  }
}

const mayBeUnstable = (file: string, module: string): boolean =>
  file.startsWith(Rules.unstableFolder) && module.startsWith("http/")

const checkEffect = ({ file, syntax }: Module, { stabilityOf }: Options, report: Report): void => {
  for (const { specifier, line } of syntax.imports.filter((found) => packageOf(found.specifier) === "effect")) {
    const module = specifier.slice("effect/".length)
    if (module === "") report("no-effect-barrel", line, 'imports "effect": name the module, as in "effect/Layer"')
    else if (stabilityOf(module) !== "stable" && !mayBeUnstable(file, module))
      report("stable-effect", line, `${specifier} is not a stable module`)
  }
}

const checkRelative = ({ file, member, syntax, product }: Module, report: Report): void => {
  const home = product ? `${member.dir}/src/` : `${member.dir}/`
  const resolve = (specifier: string): string => posix.resolve("/", posix.dirname(file), specifier)
  for (const { specifier, line } of syntax.imports.filter((found) => isRelative(found.specifier))) {
    if (!specifier.endsWith(".ts")) report("relative-ts", line, `${specifier} does not end in .ts`)
    if (!resolve(specifier).startsWith(`/${home}`)) report("relative-stays", line, `${specifier} leaves ${home}`)
  }
}

/** An unstable module is reached through its own entry only. */
const checkEntry = ({ file, syntax }: Module, report: Report): void => {
  if (file.startsWith(Rules.unstableFolder)) return
  for (const { specifier, line } of syntax.imports.filter((found) => isRelative(found.specifier))) {
    const target = posix.join(posix.dirname(file), specifier)
    if (target.startsWith(Rules.unstableFolder)) report("stable-entry", line, `imports the unstable ${specifier}`)
  }
}

const checkPurity = ({ syntax, testing }: Module, report: Report): void => {
  for (const line of syntax.topLevelAwaits) report("no-top-level-await", line, "awaits while it is loaded")
  if (testing) return
  for (const { name, line } of syntax.ambient) report("no-ambient", line, `uses ${name} instead of effect's services`)
}

const checkModule = (module: Module, apps: ReadonlySet<string>, options: Options, report: Report): void => {
  checkDirection(module, apps, report)
  checkRelative(module, report)
  if (!module.product) return
  checkRuntimeNeutral(module, report)
  checkEffect(module, options, report)
  checkEntry(module, report)
  checkPurity(module, report)
}

const checkManifest = ({ kind, manifest }: Member, apps: ReadonlySet<string>, report: Report): void => {
  const allowed = new Set<string>(Rules.foundations[kind as keyof typeof Rules.foundations])
  if (kind === Rules.composition.kind) for (const name of Rules.composition.packages) allowed.add(name)
  for (const name of dependenciesOf(manifest)) {
    if (apps.has(name)) report("nothing-imports-apps", 1, `depends on the app ${name}`)
    const foreignPeer = Rules.mayImportOwnPeers.has(kind) && !name.startsWith("@tokenkeep/")
    if (!allowed.has(name) && !foreignPeer) report("import-direction", 1, `may not depend on ${name}`)
  }
  const { dependencies = {}, peerDependencies = {} } = manifest
  if (kind === "bundle") {
    const required = Object.keys(peerDependencies).filter(
      (name) => manifest.peerDependenciesMeta?.[name]?.optional !== true
    )
    for (const name of [...Object.keys(dependencies), ...required]) {
      report("bundle-stands-alone", 1, `needs ${name} to be installed`)
    }
  } else if ("effect" in dependencies || !("effect" in peerDependencies)) {
    report("effect-is-peer", 1, "effect must be a peer")
  }
  if (manifest.type !== "module") report("manifest-module", 1, '"type" must be "module"')
  if (manifest.sideEffects !== false) report("manifest-side-effects", 1, '"sideEffects" must be false')
  if (manifest.license !== "MIT") report("manifest-license", 1, '"license" must be "MIT"')
}

const kindOf = (dir: string): Rules.Kind | undefined => Rules.places.find(({ pattern }) => pattern.test(dir))?.kind

const membersOf = (files: Files, reportAt: (file: string) => Report): ReadonlyArray<Member> =>
  Object.keys(files)
    .filter((file) => posix.basename(file) === "package.json")
    .flatMap((file) => {
      const dir = posix.dirname(file)
      const kind = kindOf(dir)
      if (kind) return [{ dir, kind, manifest: JSON.parse(files[file] ?? "") as Manifest }]
      reportAt(file)("known-place", 1, `${dir} is an unknown folder for a package: add it to Rules.ts`)
      return []
    })

const moduleOf = (file: string, text: string, members: ReadonlyArray<Member>): Module | undefined => {
  const member = members.find(({ dir }) => file.startsWith(`${dir}/`))
  if (!member) return undefined
  const product = member.kind !== "app" && file.startsWith(`${member.dir}/src/`)
  return { file, member, product, syntax: syntaxOf(file, text), testing: file.includes("/src/testing/") }
}

/** Every violation of the architecture's rules. */
export const check = (files: Files, options: Options): ReadonlyArray<Violation> => {
  const violations: Array<Violation> = []
  const reportAt =
    (file: string): Report =>
    (rule, line, message) =>
      void violations.push({ rule, file, line, message })
  const members = membersOf(files, reportAt)
  const apps = new Set(members.filter(({ kind }) => kind === "app").map(({ manifest }) => manifest.name))
  for (const member of members.filter(({ kind }) => kind !== "app")) {
    checkManifest(member, apps, reportAt(`${member.dir}/package.json`))
  }
  for (const [file, text] of Object.entries(files).filter(([path]) => path.endsWith(".ts"))) {
    const module = moduleOf(file, text, members)
    if (module) checkModule(module, apps, options, reportAt(file))
    else reportAt(file)("known-place", 1, "belongs to no package")
  }
  return violations
}
