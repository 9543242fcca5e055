export interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly type?: string
  readonly license?: string
  readonly sideEffects?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

const core = "@tokenkeep/core"

/** What the packages of a folder may depend on. Adapters and the bundle may also have peers of other projects. */
const places: ReadonlyArray<{ folder: RegExp; dependencies: ReadonlyArray<string>; foreignPeers?: boolean }> = [
  { folder: /^packages\/core$/, dependencies: ["effect"] },
  {
    folder: /^packages\/providers\/[^/]+$/,
    dependencies: ["effect", core, "@tokenkeep/storage-memory", "@tokenkeep/transport-fetch", "oauth4webapi"]
  },
  { folder: /^packages\/(storage|transports)\/[^/]+$/, dependencies: ["effect", core], foreignPeers: true },
  { folder: /^packages\/conformance$/, dependencies: ["effect", core, "vitest"] },
  { folder: /^packages\/tokenkeep$/, dependencies: [], foreignPeers: true },
  { folder: /^packages\/cli$/, dependencies: [] },
  { folder: /^packages\/console$/, dependencies: [] }
]

/** They contain what they need. */
const bundles = ["packages/tokenkeep", "packages/cli"]

const isApp = (folder: string): boolean => /^(apps\/[^/]+|bench|bench\/rivals)$/.test(folder)

const required = ({ peerDependencies = {}, peerDependenciesMeta = {} }: Manifest): ReadonlyArray<string> =>
  Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true)

const packageErrors = (folder: string, manifest: Manifest): ReadonlyArray<string> => {
  const place = places.find((each) => each.folder.test(folder))
  if (!place) return ["is an unknown folder for a package: add it to manifestErrors.ts and .oxlintrc.json"]
  const { dependencies = {}, peerDependencies = {}, type, sideEffects, license } = manifest
  const mayDependOn = (name: string): boolean =>
    place.dependencies.includes(name) ||
    (place.foreignPeers === true && name in peerDependencies && !name.startsWith("@tokenkeep/"))
  const needed = [...Object.keys(dependencies), ...required(manifest)]
  const isBundle = bundles.includes(folder)
  const errors: Readonly<Record<string, boolean>> = {
    "effect must be a peer":
      !isBundle && manifest.private !== true && ("effect" in dependencies || !("effect" in peerDependencies)),
    [`needs ${needed.join(", ")} to be installed`]: isBundle && needed.length > 0,
    '"type" must be "module"': type !== "module",
    '"sideEffects" must be false': sideEffects !== false,
    '"license" must be "MIT"': license !== "MIT"
  }
  return [
    ...Object.keys({ ...dependencies, ...peerDependencies })
      .filter((name) => !mayDependOn(name))
      .map((name) => `may not depend on ${name}`),
    ...Object.keys(errors).filter((error) => errors[error])
  ]
}

/** What is wrong with the manifests of a workspace, which are given by their folders. */
export const manifestErrors = (manifests: Readonly<Record<string, Manifest>>): ReadonlyArray<string> => {
  const apps = new Set(Object.entries(manifests).flatMap(([folder, { name }]) => (isApp(folder) ? [name] : [])))
  return Object.entries(manifests).flatMap(([folder, manifest]) => {
    const { dependencies, devDependencies, peerDependencies } = manifest
    return [
      ...Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies })
        .filter((name) => apps.has(name))
        .map((name) => `depends on the app ${name}`),
      ...(isApp(folder) ? [] : packageErrors(folder, manifest))
    ].map((error) => `${folder} ${error}`)
  })
}
