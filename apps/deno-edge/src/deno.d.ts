/** What this app uses of Deno. Its own types are only to be had from itself. */
declare const Deno: {
  readonly env: { get(name: string): string | undefined }
  serve(
    options: {
      readonly hostname: string
      readonly port: number
      readonly onListen: (address: { readonly hostname: string; readonly port: number }) => void
    },
    handler: (request: Request) => Promise<Response>
  ): { readonly finished: Promise<void>; shutdown(): Promise<void> }
  addSignalListener(signal: "SIGINT" | "SIGTERM", listener: () => void): void
}
