import { createAppAuth } from "@octokit/auth-app"
import { request as octokitRequest } from "@octokit/request"
import { generateKeyPairSync } from "node:crypto"
import type { CreateRival } from "../src/race/Rival.ts"

const privateKey = generateKeyPairSync("rsa", { modulusLength: 2_048 })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString()
const installations = new Map<string, number>()

/** An installation of an app, as the README shows. Its tokens are those of an hour. */
export const create: CreateRival = ({ base, key }) => {
  const installationId = installations.get(key) ?? installations.size + 1
  installations.set(key, installationId)
  const request = octokitRequest.defaults({ baseUrl: base })
  const log = { warn: () => undefined }
  const auth = createAppAuth({ appId: 1, privateKey, installationId, request, log })
  const api = request.defaults({ request: { hook: auth.hook } })
  return {
    token: () => auth({ type: "installation" }),
    send: async (path, body) =>
      (await api(body === undefined ? `GET ${path}` : `POST ${path}`, body === undefined ? {} : JSON.parse(body)))
        .status
  }
}
