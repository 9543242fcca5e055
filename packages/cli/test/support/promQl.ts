import { parser } from "@prometheus-io/lezer-promql"

/** What an expression in PromQL reads: a metric, and the label values or patterns that it names. */
interface Selector {
  readonly metric: RegExp
  readonly labels: ReadonlyArray<{ readonly name: string; readonly value: string; readonly isPattern: boolean }>
}

/** Variables of Grafana stand where PromQL has durations. */
const withoutVariables = (expression: string): string => expression.replaceAll("$__rate_interval", "5m")

/** The selectors of an expression, and the labels that it groups by. Throws if its syntax is wrong. */
export const selectorsOf = (expression: string) => {
  const text = withoutVariables(expression)
  const selectors: Array<Selector> = []
  const grouping: Array<string> = []
  parser.parse(text).iterate({
    enter: ({ from, name, node, to }) => {
      const part = text.slice(from, to)
      if (node.type.isError) throw new Error(`Syntax error at ${from} of ${text}`)
      if (name === "LabelName" && node.parent?.name === "GroupingLabels") grouping.push(part)
      if (name !== "VectorSelector") return
      const matchers = node.getChild("LabelMatchers")?.getChildren("UnquotedLabelMatcher") ?? []
      const labels = matchers.map((matcher) => {
        const [, label = "", operator = "", value = ""] =
          /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/.exec(text.slice(matcher.from, matcher.to)) ?? []
        return { name: label, value, isPattern: operator.endsWith("~") }
      })
      const identifier = node.getChild("Identifier")
      const named = labels.find((label) => label.name === "__name__")?.value
      const metric = identifier === null ? (named ?? "") : text.slice(identifier.from, identifier.to)
      selectors.push({
        metric: new RegExp(`^(?:${metric})$`),
        labels: labels.filter((label) => label.name !== "__name__")
      })
    }
  })
  return { selectors, grouping }
}
