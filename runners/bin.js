#!/usr/bin/env node
/**
 * The command `flannel-doctor`: plain JavaScript that any Node can start. It finds a Node
 * new enough to run TypeScript directly, turns the compile cache on and loads the CLI.
 */
import { existsSync } from 'node:fs'
import module from 'node:module'
import { commandSearchPath } from './setup/search-path.js'

const [major, minor] = process.versions.node.split('.').map(Number)
const isNewEnough = major > 24 || (major === 24 && minor >= 12)
process.env.PATH = commandSearchPath(process.env.PATH)

/** A directory only this user can write: code in a shared one could be somebody else's. */
function compileCacheDir() {
  const { XDG_CACHE_HOME, HOME } = process.env
  if (XDG_CACHE_HOME) return `${XDG_CACHE_HOME}/flannel-doctor/compile`
  return HOME ? `${HOME}/.cache/flannel-doctor/compile` : undefined
}

if (isNewEnough) {
  const cache = compileCacheDir()
  if (cache) {
    module.enableCompileCache(cache)
    process.env.NODE_COMPILE_CACHE ??= cache // for the etcd reader, which is a Node process of its own
  }
  const source = new URL('./cli/cli.ts', import.meta.url)
  await import(existsSync(source) ? source.href : new URL('../dist/runners/cli/cli.js', import.meta.url).href)
} else {
  const { nodeForProject, runInForeground } = await import('./setup/run-node.js')
  const node = nodeForProject()
  if (node === undefined) {
    console.error(
      `flannel-doctor needs Node 24.12 or newer; this is ${process.versions.node} (\`npm start\` fetches one)`,
    )
    process.exit(2)
  }
  await runInForeground(node, [process.argv[1], ...process.argv.slice(2)])
}
