import { telemetries, type Telemetry } from "../Telemetry.ts"
import { type Transport, transports } from "../FetchTransport.ts"
import { storages, type TokenStorage } from "../TokenStorage.ts"

/** The options that are adapters. */
export interface Adapters {
  /** How requests are sent; default the platform's fetch. */
  readonly transport?: Transport | undefined
  /** Where tokens are stored; default the memory of this pool. */
  readonly storage?: TokenStorage | undefined
  /** A storage to use while `storage` fails, such as files for all processes of a host; default this process's memory. */
  readonly fallbackStorage?: TokenStorage | undefined
  /** Where spans and metrics go; default nowhere. */
  readonly telemetry?: Telemetry | undefined
}

/** The same options with the layers of the adapters. */
export const revealed = <Options extends Adapters>(options: Options) => {
  // A caller in JavaScript may pass nothing.
  const { fallbackStorage, storage, telemetry, transport, ...rest } = options ?? ({} as Options)
  return {
    ...rest,
    transport: transport && transports.reveal("transport", transport),
    storage: storage && storages.reveal("storage", storage),
    fallbackStorage: fallbackStorage && storages.reveal("fallbackStorage", fallbackStorage),
    telemetry: telemetry && telemetries.reveal("telemetry", telemetry)
  }
}
