/** Starts the CLI under a Node that is new enough, with its compiled code kept. Plain JavaScript for any Node. */
import { existsSync, mkdirSync } from 'node:fs'
import module from 'node:module'
import { dirname } from 'node:path'
import { cacheFolder, isOursAlone } from './cache-folder.js'
import { isNewEnough, nodeAdvice, nodeForProject } from './node-version.js'
import { commandSearchPath } from './search-path.js'

/** Says to a Node that we started because ours was too old that there is none beyond it. */
const STARTED = 'FLANNEL_DOCTOR_NODE'

/** Makes a folder and those above it: Node's own way never ends where a file system refuses, as /proc does. */
function isMade(folder) {
  if (existsSync(folder)) return true
  if (!isMade(dirname(folder))) return false
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch {
    // Refused, or another process was faster.
  }
  return existsSync(folder)
}

function keepCompiled() {
  const cache = `${cacheFolder()}/compile`
  if (!isOursAlone(cache) || !isMade(cache)) return
  module.enableCompileCache(cache)
  process.env.NODE_COMPILE_CACHE ??= cache // for the etcd reader, which is a Node process of its own
}

async function startWithOtherNode() {
  const node = process.env[STARTED] === undefined ? nodeForProject() : undefined
  if (node === undefined) {
    console.error(nodeAdvice())
    process.exit(2)
  }
  const { runInForeground } = await import('./run-node.js')
  const env = { ...process.env, [STARTED]: node }
  await runInForeground(node, [process.argv[1], ...process.argv.slice(2)], env)
}

/** Runs the CLI: the TypeScript at `source` where it is there, else the JavaScript of the package. */
export async function startCli(source) {
  process.env.PATH = commandSearchPath(process.env.PATH)
  if (!isNewEnough) {
    await startWithOtherNode()
    return
  }
  delete process.env[STARTED]
  keepCompiled()
  const built = new URL('../../dist/runners/cli/cli.js', import.meta.url)
  await import(existsSync(source) ? source.href : built.href)
}
