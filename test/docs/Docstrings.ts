import { posix } from "node:path"
import { type Comment, parseSync, type Statement } from "oxc-parser"

export interface Docstring {
  /** Its text as Markdown, one line for each line of the comment. */
  readonly markdown: string
  /** The line that it starts on. */
  readonly line: number
}

const toDocstring = ({ value, start }: Comment, source: string): Docstring => ({
  markdown: value
    .slice(1)
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""))
    .join("\n"),
  line: source.slice(0, start).split("\n").length
})

const isDocstring = ({ type, value }: Comment): boolean => type === "Block" && value.startsWith("*")

/** Every docstring of a module. */
export const docstringsOf = (file: string, source: string): ReadonlyArray<Docstring> =>
  parseSync(file, source)
    .comments.filter(isDocstring)
    .map((comment) => toDocstring(comment, source))

/** A name that a package exports, with the docstrings of its declarations. */
export interface Exported {
  readonly name: string
  readonly docstrings: ReadonlyArray<string>
}

type Read = (file: string) => string

const namesIn = (statement: Statement): ReadonlyArray<string> => {
  switch (statement.type) {
    case "VariableDeclaration":
      return statement.declarations.flatMap(({ id }) => (id.type === "Identifier" ? [id.name] : []))
    case "FunctionDeclaration":
    case "TSDeclareFunction":
    case "ClassDeclaration":
      return statement.id ? [statement.id.name] : []
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
      return [statement.id.name]
    case "TSModuleDeclaration":
      return statement.id.type === "Identifier" ? [statement.id.name] : []
    default:
      return []
  }
}

interface Reexport {
  /** The exported name; undefined for all names under their own names. */
  readonly exported: string | undefined
  /** The name in the other module; undefined for all names as one namespace. */
  readonly local: string | undefined
  readonly from: string | undefined
}

const nameOf = (node: { readonly name?: string; readonly value?: unknown }): string => node.name ?? String(node.value)

const reexportsIn = (statement: Statement): ReadonlyArray<Reexport> => {
  if (statement.type === "ExportAllDeclaration") {
    const exported = statement.exported ? nameOf(statement.exported) : undefined
    return [{ exported, local: undefined, from: statement.source.value }]
  }
  if (statement.type !== "ExportNamedDeclaration") return []
  return statement.specifiers.map(({ exported, local }) => ({
    exported: nameOf(exported),
    local: nameOf(local),
    from: statement.source?.value
  }))
}

/** The docstring before a statement, if only line comments are between. */
const docstringBefore = (start: number, comments: ReadonlyArray<Comment>, source: string): string | undefined => {
  const before = comments.filter((comment) => isDocstring(comment) && comment.end <= start).at(-1)
  if (!before) return undefined
  const between = source.slice(before.end, start)
  return between.replaceAll(/\/\/.*$/gm, "").trim() === "" ? before.value : undefined
}

interface Module {
  readonly declared: ReadonlyMap<string, ReadonlyArray<string>>
  readonly exportedHere: ReadonlyArray<string>
  readonly reexports: ReadonlyArray<Reexport>
  readonly imported: ReadonlyMap<string, { readonly from: string; readonly name: string | undefined }>
}

const importsIn = (body: ReadonlyArray<Statement>): Module["imported"] => {
  const imported = new Map<string, { from: string; name: string | undefined }>()
  for (const statement of body) {
    if (statement.type !== "ImportDeclaration") continue
    for (const specifier of statement.specifiers) {
      const name = specifier.type === "ImportSpecifier" ? nameOf(specifier.imported) : undefined
      imported.set(specifier.local.name, { from: statement.source.value, name })
    }
  }
  return imported
}

const moduleOf = (file: string, source: string): Module => {
  const { program, comments } = parseSync(file, source)
  const declared = new Map<string, Array<string>>()
  const exportedHere: Array<string> = []
  for (const statement of program.body) {
    const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement
    const docstring = docstringBefore(statement.start, comments, source)
    for (const name of declaration ? namesIn(declaration) : []) {
      const known = declared.get(name) ?? []
      declared.set(name, docstring === undefined ? known : [...known, docstring])
      if (statement.type === "ExportNamedDeclaration") exportedHere.push(name)
    }
  }
  const reexports = program.body.flatMap(reexportsIn)
  return { declared, exportedHere: [...new Set(exportedHere)], reexports, imported: importsIn(program.body) }
}

const isOwn = (specifier: string): boolean => specifier.startsWith(".")

/** The names that a module exports, also through re-exports of its own package; other packages document their own. */
export const exportsOf = (file: string, read: Read): ReadonlyArray<Exported> => {
  const { declared, exportedHere, reexports, imported } = moduleOf(file, read(file))
  const exportsFrom = (specifier: string) =>
    isOwn(specifier) ? exportsOf(posix.join(posix.dirname(file), specifier), read) : []
  const found = (names: ReadonlyArray<Exported>, local: string, exported: string): ReadonlyArray<Exported> =>
    names.filter(({ name }) => name === local).map(({ docstrings }) => ({ name: exported, docstrings }))
  const within = (names: ReadonlyArray<Exported>, namespace: string): ReadonlyArray<Exported> =>
    names.map(({ name, docstrings }) => ({ name: `${namespace}.${name}`, docstrings }))
  const resolve = ({ exported, local, from }: Reexport): ReadonlyArray<Exported> => {
    if (from !== undefined && exported === undefined) return exportsFrom(from)
    if (from !== undefined && local === undefined) return within(exportsFrom(from), exported ?? "")
    if (exported === undefined || local === undefined) return []
    if (from !== undefined) return found(exportsFrom(from), local, exported)
    const source = imported.get(local)
    if (!source) return [{ name: exported, docstrings: declared.get(local) ?? [] }]
    const names = exportsFrom(source.from)
    return source.name === undefined ? within(names, exported) : found(names, source.name, exported)
  }
  const here = exportedHere.map((name) => ({ name, docstrings: declared.get(name) ?? [] }))
  return [...here, ...reexports.flatMap(resolve)]
}
