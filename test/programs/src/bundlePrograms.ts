import { build } from "rolldown"

/** A program contains its own modules, the workspace's packages, and what those bring. Other packages are loaded as usual. */
const isPartOf = (id: string): boolean =>
  /^(?:\.|\/|\0|@oxc-project\/runtime\/|effect(?:\/|$)|@tokenkeep\/|tokenkeep(?:\/|$)|oauth2-issuer\/|fleet\/|oauth4webapi$)/.test(
    id
  )

/** A workspace package by the name of its folder; a module of the tests has none. */
const packageOf = (id: string): string | null => /\/packages\/(?:\w+\/)?(\w+)\/(?:src|dist)\//.exec(id)?.[1] ?? null

/**
 * Bundles each program into one file, for tests that start many processes: loading hundreds of modules takes longer than
 * what a process is started for. There are no source maps: reading them takes as long as running the program.
 */
export const bundlePrograms = (programs: Readonly<Record<string, string>>, folder: string) =>
  build({
    input: { ...programs },
    platform: "node",
    external: (id) => !isPartOf(id),
    resolve: { conditionNames: ["@tokenkeep/source", "node", "import", "default"] },
    // NestJS decorates parameters, which the standard's decorators do not.
    transform: { decorator: { legacy: true } },
    logLevel: "silent",
    output: {
      dir: folder,
      entryFileNames: "[name].mjs",
      chunkFileNames: "shared/[name].mjs",
      codeSplitting: {
        groups: [
          // Packages depend on each other in one direction, so a program loads only those it uses.
          { name: "effect", test: /\/effect\/dist\//, priority: 2 },
          { name: "core", test: /\/packages\/core\//, priority: 1 },
          { name: packageOf }
        ]
      }
    }
  })
