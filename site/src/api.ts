import { readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { Application, Comment, type Context, Converter, type ProjectReflection, type TypeDocOptions } from "typedoc"
import type { PluginOptions } from "typedoc-plugin-markdown"
import { publicPackages } from "../../scripts/publicPackages.ts"
import { root } from "../../scripts/root.ts"
import { pagesDirectory, site } from "./paths.ts"
import { hideHeritage, showOperations } from "./readable.ts"

interface Entry {
  /** What a user imports. */
  readonly specifier: string
  readonly source: string
  readonly description: string
}

type Exports = Readonly<Record<string, { readonly "@tokenkeep/source"?: string }>>

interface Described {
  readonly description: string
  readonly exports: Exports
}

const entriesOf = (directory: string, name: string): ReadonlyArray<Entry> => {
  const { description, exports } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as Described
  return Object.entries(exports).flatMap(([subpath, target]) => {
    const source = target["@tokenkeep/source"]
    if (source === undefined) return []
    const about = subpath === "." ? description : `A part of \`${name}\` that is imported by itself`
    return [{ specifier: join(name, subpath), source: join(directory, source), description: `${about}.` }]
  })
}

const entries = publicPackages().flatMap(({ dir, manifest }) => entriesOf(dir, manifest.name))
const destination = join(pagesDirectory, "api")

const options: TypeDocOptions & PluginOptions = {
  out: destination,
  skipErrorChecking: true,
  plugin: ["typedoc-plugin-markdown"],
  entryPoints: entries.map(({ source }) => source),
  tsconfig: join(site, "tsconfig.api.json"),
  readme: "none",
  excludeInternal: true,
  excludeExternals: true,
  excludePrivate: true,
  disableSources: true,
  router: "member",
  entryFileName: "index",
  excludeScopesInPaths: true,
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCodeBlocks: true,
  expandObjects: true,
  parametersFormat: "table",
  interfacePropertiesFormat: "list",
  classPropertiesFormat: "list",
  propertyMembersFormat: "table",
  typeDeclarationFormat: "table",
  indexFormat: "table",
  pageTitleTemplates: {
    index: "API reference",
    module: "{name}",
    member: "{name}"
  },
  navigationJson: join(destination, "navigation.json"),
  logLevel: "Warn"
}

/** What TypeDoc calls a module: its path below packages/. */
const moduleName = (source: string): string => relative(join(root, "packages"), source).replace(/(\/index)?\.ts$/, "")

/** Modules are known by the names that they are imported by, not by where their files are. */
const nameModules = (project: ProjectReflection): void => {
  for (const module of project.children ?? []) {
    const entry = entries.find(({ source }) => moduleName(source) === module.name)
    if (entry === undefined) throw new Error(`no package exports ${module.name}`)
    module.name = entry.specifier
    module.comment = new Comment([{ kind: "text", text: entry.description }])
  }
}

/** Writes the API reference as Markdown, from the docstrings of everything that the packages export. */
export const writeReference = async (): Promise<void> => {
  const app = await Application.bootstrapWithPlugins(options)
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: Context) => {
    nameModules(project)
    showOperations(project)
  })
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }: Context) => hideHeritage(project))
  const project = await app.convert()
  if (project === undefined) throw new Error("the packages do not compile")
  await app.generateOutputs(project)
  if (app.logger.hasErrors()) throw new Error("the reference is not complete")
}
