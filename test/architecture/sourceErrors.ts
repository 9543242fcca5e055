import { posix } from "node:path"
import { effectStability } from "./effectStability.ts"

const leaves = (file: string, specifier: string): boolean =>
  specifier.startsWith(".") &&
  !posix.join(posix.dirname(file), specifier).startsWith(file.slice(0, file.indexOf("/src/") + 5))

/** A bundle contains the version of effect that it was tested with, so it may use a module that can change. */
const bundled: Readonly<Record<string, string>> = {
  "packages/cli/src/serve/endpoints/metrics.ts": "effect/observability/PrometheusMetrics"
}

/** The linter allows effect's http modules in one folder only, `unstable-http`. */
const isUnstable = (file: string, specifier: string): boolean =>
  bundled[file] !== specifier &&
  /^effect\/(?!http\/)/.test(specifier) &&
  effectStability(specifier.slice("effect/".length)) !== "stable"

/** The errors that the linter cannot report in a module of a package. */
export const sourceErrors = (file: string, text: string): ReadonlyArray<string> => {
  const code = text.replaceAll(/^\s*(\*|\/[*/]).*$/gm, "")
  // The formatter writes every specifier in double quotes.
  const specifiers = [...code.matchAll(/\b(?:from|import)[\s(]*"([^"]+)"/g)].map(([, specifier = ""]) => specifier)
  return [
    ...specifiers.filter((specifier) => leaves(file, specifier)).map((specifier) => `${specifier} leaves src`),
    ...specifiers
      .filter((specifier) => isUnstable(file, specifier))
      .map((specifier) => `${specifier} is not a stable module`),
    ...(/\bimport\((?!\s*")/.test(code) ? ["a dynamic import does not name its module in a string"] : []),
    ...(/\bDate\(\)/.test(code) && !file.includes("/src/testing/")
      ? ["Date() reads the clock: use effect's Clock"]
      : [])
  ].map((error) => `${file}: ${error}`)
}
