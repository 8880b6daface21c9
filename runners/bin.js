#!/usr/bin/env node
/**
 * The command `flannel-doctor`: plain JavaScript that any Node can start. It finds a Node
 * new enough, turns the compile cache on and loads the CLI: the TypeScript of a checkout or
 * the JavaScript of the package.
 */
import { existsSync } from 'node:fs'
import module from 'node:module'
import { cacheFolder, isOursAlone } from './setup/cache-folder.js'
import { isNewEnough, nodeAdvice, nodeForProject } from './setup/node-version.js'
import { commandSearchPath } from './setup/search-path.js'

process.env.PATH = commandSearchPath(process.env.PATH)
/** Says to a Node that we started because ours was too old that there is none beyond it. */
const STARTED = 'FLANNEL_DOCTOR_NODE'

if (isNewEnough) {
  delete process.env[STARTED]
  const cache = `${cacheFolder()}/compile`
  if (isOursAlone(cache)) {
    module.enableCompileCache(cache)
    process.env.NODE_COMPILE_CACHE ??= cache // for the etcd reader, which is a Node process of its own
  }
  const source = new URL('./cli/cli.ts', import.meta.url)
  await import(existsSync(source) ? source.href : new URL('../dist/runners/cli/cli.js', import.meta.url).href)
} else {
  const node = process.env[STARTED] === undefined ? nodeForProject() : undefined
  if (node === undefined) {
    console.error(nodeAdvice())
    process.exit(2)
  }
  const { runInForeground } = await import('./setup/run-node.js')
  const env = { ...process.env, [STARTED]: node }
  await runInForeground(node, [process.argv[1], ...process.argv.slice(2)], env)
}
