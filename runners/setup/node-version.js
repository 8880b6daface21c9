/** Which Node will do, and where one is. Plain JavaScript for any Node; loads nothing, since every start needs it. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** A checkout runs its TypeScript, by removing the types; the package brings JavaScript. */
const FIRST_NODE = existsSync(`${ROOT}runners/cli/cli.ts`) ? '24.12' : '22.12'

/** True when a version of Node is that one or a later one. */
function isAtLeast(version, first) {
  const [major, minor] = version.split('.').map(Number)
  const [firstMajor, firstMinor] = first.split('.').map(Number)
  return major > firstMajor || (major === firstMajor && minor >= firstMinor)
}

/** True when the running Node will do. */
export const isNewEnough = isAtLeast(process.versions.node, FIRST_NODE)

/** What to tell somebody whose Node is too old. */
export function nodeAdvice(version = process.versions.node) {
  const fetches =
    FIRST_NODE === '24.12' ? ', or run `npm start` in the checkout, which fetches one for it' : ''
  return (
    `flannel-doctor needs Node ${FIRST_NODE} or newer; this is ${version}. ` +
    `Install a newer one (https://nodejs.org/en/download) and let it come first in PATH${fetches}`
  )
}

/** A Node that came as a package, into the checkout or beside this package; else the running one if it will do. */
export function nodeForProject() {
  const packaged = [`${ROOT}node_modules/.bin/node`, `${ROOT}../.bin/node`].find((file) => existsSync(file))
  return packaged ?? (isNewEnough ? process.execPath : undefined)
}
