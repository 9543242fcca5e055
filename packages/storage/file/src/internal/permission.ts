type Descriptor =
  | { readonly name: "read"; readonly path: string }
  | { readonly name: "sys"; readonly kind: "hostname" | "uid" }
  | { readonly name: "run" }

interface WithDeno {
  readonly Deno?: { readonly permissions: { readonly querySync: (what: Descriptor) => { readonly state: string } } }
}

/**
 * Whether one may ask the system. Deno asks its user at the terminal for whatever it was not given, and what would only
 * be good to know is not worth a question.
 */
export const isPermitted = (what: Descriptor): boolean => {
  const { Deno } = globalThis as WithDeno
  return Deno === undefined || Deno.permissions.querySync(what).state === "granted"
}
