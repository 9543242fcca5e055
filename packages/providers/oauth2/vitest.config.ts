import { project } from "../../../vitest.shared.ts"

export default project("oauth2", { isolate: false })
