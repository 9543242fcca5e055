/** The parts of Bun that this app uses. */
declare const Bun: {
  serve(options: {
    readonly hostname: string
    readonly port: number
    readonly routes: Readonly<Record<string, (request: BunRequest) => Response | Promise<Response>>>
    readonly fetch: () => Response
  }): { readonly url: URL; stop(): Promise<void> }
}

interface BunRequest extends Request {
  readonly params: Readonly<Record<string, string>>
}
