type Descriptor =
  | { readonly name: "read"; readonly path: string }
  | { readonly name: "sys"; readonly kind: "hostname" | "uid" }
  | { readonly name: "run" }

interface WithDeno {
  readonly Deno?: { readonly permissions: { readonly querySync: (what: Descriptor) => { readonly state: string } } }
}

/**
 * Whether a call is permitted; always true outside Deno. Deno would ask the user at the terminal for a missing
 * permission, and the optional calls of this storage are not worth a prompt.
 */
export const isPermitted = (what: Descriptor): boolean => {
  const { Deno } = globalThis as WithDeno
  return Deno === undefined || Deno.permissions.querySync(what).state === "granted"
}
