import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A self-signed certificate for localhost; `remove` deletes its files. */
export const certificate = () => {
  const directory = mkdtempSync(join(tmpdir(), "tokenkeep-"))
  const [keyFile, certFile] = [join(directory, "key.pem"), join(directory, "cert.pem")]
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
  const kind = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
  execFileSync("openssl", [...kind, "-keyout", keyFile, "-out", certFile, ...subject], { stdio: "ignore" })
  return {
    key: readFileSync(keyFile, "utf8"),
    cert: readFileSync(certFile, "utf8"),
    certFile,
    remove: () => rmSync(directory, { recursive: true })
  }
}
