/** Starts the CLI under a Node that is new enough, with its compiled code kept. Plain JavaScript for any Node. */
import { existsSync } from 'node:fs'
import module from 'node:module'
import { cacheFolder, isOursAlone } from './cache-folder.js'
import { isNewEnough, nodeAdvice, nodeForProject } from './node-version.js'
import { commandSearchPath } from './search-path.js'

/** Says to a Node that we started because ours was too old that there is none beyond it. */
const STARTED = 'FLANNEL_DOCTOR_NODE'

function keepCompiled() {
  const cache = `${cacheFolder()}/compile`
  if (!isOursAlone(cache)) return
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
