import { readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { Application, Comment, type Context, Converter, type ProjectReflection, type TypeDocOptions } from "typedoc"
import type { PluginOptions } from "typedoc-plugin-markdown"
import { publicPackages } from "../../scripts/publicPackages.ts"
import { root } from "../../scripts/root.ts"
import { pagesDirectory, site } from "./paths.ts"
import { hideInheritance, showOperations } from "./cleanReference.ts"
import { OptionsTheme } from "./optionsTheme.ts"

interface Entry {
  /** The name that users import. */
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
    const about = subpath === "." ? description : `An entry of \`${name}\` with its own import`
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
  theme: "options",
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
  tableColumnSettings: { hideModifiers: true },
  pageTitleTemplates: {
    index: "API reference",
    module: "{name}",
    member: "{name}"
  },
  navigationJson: join(destination, "navigation.json"),
  logLevel: "Warn"
}

/** TypeDoc's name of a module: its path below packages/. */
const moduleName = (source: string): string => relative(join(root, "packages"), source).replace(/(\/index)?\.ts$/, "")

/** Names modules as users import them, not by the path of their files. */
const nameModules = (project: ProjectReflection): void => {
  for (const module of project.children ?? []) {
    const entry = entries.find(({ source }) => moduleName(source) === module.name)
    if (entry === undefined) throw new Error(`no package exports ${module.name}`)
    module.name = entry.specifier
    module.comment = new Comment([{ kind: "text", text: entry.description }])
  }
}

/** Writes the API reference as Markdown, from the docstrings of all exported names. */
export const writeReference = async (): Promise<void> => {
  const app = await Application.bootstrapWithPlugins(options)
  app.renderer.defineTheme("options", OptionsTheme)
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: Context) => {
    nameModules(project)
    showOperations(project)
  })
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }: Context) => hideInheritance(project))
  const project = await app.convert()
  if (project === undefined) throw new Error("TypeDoc could not read the packages")
  await app.generateOutputs(project)
  if (app.logger.hasErrors()) throw new Error("TypeDoc reported errors, so the reference is incomplete")
}
