import {
  type DeclarationReflection,
  type ParameterReflection,
  ReferenceType,
  ReflectionKind,
  ReflectionType
} from "typedoc"
import { MarkdownTheme, MarkdownThemeContext } from "typedoc-plugin-markdown"

type Parameters = ReadonlyArray<ParameterReflection>

/** The properties of a parameter's type, if that is an interface of options. */
const optionsOf = ({ type }: ParameterReflection): ReadonlyArray<DeclarationReflection> => {
  const reflection = type instanceof ReferenceType ? type.reflection : undefined
  const isOptions = reflection?.kind === ReflectionKind.Interface && reflection.name.endsWith("Options")
  return isOptions ? ((reflection as DeclarationReflection).children ?? []) : []
}

const parametersOf = ({ signatures, type }: DeclarationReflection): Parameters =>
  (signatures ?? (type instanceof ReflectionType ? type.declaration.signatures : undefined) ?? []).flatMap(
    ({ parameters = [] }) => parameters
  )

/** Without the anchors, which belong to the page of the type, and without parts that the type of an option contains. */
const asDetails = (table: string): string =>
  table
    .replaceAll(/<a id="[^"]*"><\/a> /g, "")
    .replaceAll(/^\| `[^`]*\.[^`]*` \|.*\| - \|\n/gm, "")
    .replaceAll("| \\| ", "| ")

class OptionsContext extends MarkdownThemeContext {
  constructor(...args: ConstructorParameters<typeof MarkdownThemeContext>) {
    super(...args)
    const { parametersTable, propertiesTable, typeDeclarationTable } = this.partials
    const tables = (parameters: Parameters, of = ""): ReadonlyArray<string> =>
      parameters
        .filter((parameter) => optionsOf(parameter).length > 0)
        .map(
          (parameter) => `**\`${parameter.name}\`${of}**\n\n${asDetails(propertiesTable([...optionsOf(parameter)]))}`
        )
    this.partials.parametersTable = (parameters) => [parametersTable(parameters), ...tables(parameters)].join("\n\n")
    this.partials.typeDeclarationTable = (declarations, options) => {
      const details = declarations.flatMap((member) => tables(parametersOf(member), ` of \`${member.name}()\``))
      return [typeDeclarationTable(declarations, options), ...details].join("\n\n")
    }
  }
}

/** Lists the options of a function where the function is, not only on the page of their type. */
export class OptionsTheme extends MarkdownTheme {
  override getRenderContext(page: ConstructorParameters<typeof MarkdownThemeContext>[1]): MarkdownThemeContext {
    return new OptionsContext(this, page, this.application.options)
  }
}
