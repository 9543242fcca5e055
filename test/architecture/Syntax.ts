import { type Node, parseSync } from "oxc-parser"

/** One import of a module. */
export interface Import {
  readonly specifier: string
  readonly kind: "static" | "export" | "dynamic" | "type"
  readonly line: number
}

export interface Syntax {
  readonly imports: ReadonlyArray<Import>
  /** The lines of awaits that run while the module loads. */
  readonly topLevelAwaits: ReadonlyArray<number>
  /** Uses of the machine's clock, timers and random numbers. */
  readonly ambient: ReadonlyArray<{ readonly name: string; readonly line: number }>
}

const ambientMembers = new Set(["Date.now", "Math.random"])
const ambientFunctions = new Set(["setTimeout", "setInterval", "setImmediate"])

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string"

const isFunction = (node: Node): boolean =>
  node.type === "FunctionDeclaration" || node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression"

const walk = (node: Node, visit: (node: Node, inFunction: boolean) => void, inFunction = false): void => {
  visit(node, inFunction)
  const inside = inFunction || isFunction(node)
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) walk(child, visit, inside)
    }
  }
}

const literal = (node: Node): string | undefined =>
  node.type === "Literal" && typeof node.value === "string" ? node.value : undefined

const importOf = (node: Node): Omit<Import, "line"> | undefined => {
  switch (node.type) {
    case "ImportDeclaration":
      return { specifier: node.source.value, kind: node.importKind === "type" ? "type" : "static" }
    case "ExportAllDeclaration":
      return { specifier: node.source.value, kind: "export" }
    case "ExportNamedDeclaration":
      return node.source ? { specifier: node.source.value, kind: "export" } : undefined
    case "ImportExpression":
      // A computed specifier could name any module, so it is reported under a name that no rule allows.
      return { specifier: literal(node.source) ?? "(computed)", kind: "dynamic" }
    case "TSImportType":
      return { specifier: literal(node.source) ?? "(computed)", kind: "type" }
    default:
      return undefined
  }
}

const isAwait = (node: Node): boolean =>
  node.type === "AwaitExpression" ||
  (node.type === "ForOfStatement" && node.await) ||
  (node.type === "VariableDeclaration" && node.kind === "await using")

const memberName = (node: Node): string | undefined =>
  node.type === "MemberExpression" && node.object.type === "Identifier" && node.property.type === "Identifier"
    ? `${node.object.name}.${node.property.name}`
    : undefined

const ambientOf = (node: Node): string | undefined => {
  const member = memberName(node)
  if (member !== undefined && ambientMembers.has(member)) return member
  if (member?.startsWith("globalThis.") && ambientFunctions.has(member.slice(11))) return member.slice(11)
  if (node.type !== "CallExpression" && node.type !== "NewExpression") return undefined
  if (node.callee.type !== "Identifier") return undefined
  const { name } = node.callee
  if (name === "Date" && node.arguments.length === 0) return "new Date()"
  return ambientFunctions.has(name) ? name : undefined
}

/** Reads what the rules check in one module. */
export const syntaxOf = (path: string, text: string): Syntax => {
  const { program, errors } = parseSync(path, text, { sourceType: "module" })
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`)
  const imports: Array<Import> = []
  const topLevelAwaits: Array<number> = []
  const ambient: Array<{ name: string; line: number }> = []
  walk(program, (node, inFunction) => {
    const line = (): number => text.slice(0, node.start).split("\n").length
    const found = importOf(node)
    if (found) imports.push({ ...found, line: line() })
    if (!inFunction && isAwait(node)) topLevelAwaits.push(line())
    const name = ambientOf(node)
    if (name !== undefined) ambient.push({ name, line: line() })
  })
  return { imports, topLevelAwaits, ambient }
}
