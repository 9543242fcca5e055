import { build } from "rolldown"

/** What goes into a program: itself, the workspace's packages and effect. All else it loads from where it is installed. */
const isPartOf = (id: string): boolean => /^(?:\.|\/|\0|effect(?:\/|$)|@tokenkeep\/|tokenkeep(?:\/|$))/.test(id)

/**
 * Makes a file of each program, for tests that start many processes: hundreds of modules to load, each time, take more
 * of them than what they are started for. Without source maps, which take as long to read as all else to run.
 */
export const bundlePrograms = (programs: Readonly<Record<string, string>>, folder: string) =>
  build({
    input: { ...programs },
    platform: "node",
    external: (id) => !isPartOf(id),
    resolve: { conditionNames: ["@tokenkeep/source", "node", "import", "default"] },
    logLevel: "silent",
    output: {
      dir: folder,
      entryFileNames: "[name].mjs",
      chunkFileNames: "shared/[name].mjs",
      codeSplitting: {
        groups: [
          { name: "effect", test: /\/effect\/dist\// },
          { name: "tokenkeep", test: /\/packages\// }
        ]
      }
    }
  })
