/** The parts of Deno that this app uses. Only Deno itself has the complete types. */
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
