/** Where a plugin is: a file, or a package as Node finds it. Only what the user named is run, and what nobody else may write. */
import { existsSync, statSync } from 'node:fs'
import { dirname, extname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { InputError } from '../input-error.ts'
import type { FenceSettings } from './fence.ts'
import { foreignFile } from './fence.ts'

/** A plugin as the user names it. */
export interface NamedPlugin {
  /** A file, or the name of a package. */
  readonly named: string
  /** The folder from which that is. */
  readonly from: string
  /** What named it, for messages: `--plugin`, or the configuration file. */
  readonly by: string
  /** Whether a user typed its path, or that of the file that has it: then it may be another user's. */
  readonly isTyped: boolean
}

const MODULES = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts'])
const PACKAGE = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/
const OWN = fileURLToPath(new URL('../../', import.meta.url))

/** Runs beside this file, as source or as built. */
const CONTRACT = new URL(import.meta.url.endsWith('.ts') ? 'contract.ts' : 'contract.js', import.meta.url)
  .href

function isFile(named: string): boolean {
  return MODULES.has(extname(named)) || /^(\.{0,2}\/)/.test(named)
}

/** The folder below which, or above which, a package is installed: that of the user first, then ours. */
function homeOf(name: string, from: string): string | undefined {
  return [from, OWN].find((start) => {
    for (let at = resolve(start); ; at = dirname(at)) {
      if (existsSync(join(at, 'node_modules', name, 'package.json'))) return true
      if (at === dirname(at)) return false
    }
  })
}

function refuseForeign(file: string, { by, named }: NamedPlugin): void {
  const foreign = foreignFile(file)
  if (foreign !== undefined) throw new InputError(`${by} ${named}: ${foreign}; type its path to use it`)
}

/** How a plugin is loaded. Throws InputError where there is none, or where it is not trusted. */
export function pluginModule(plugin: NamedPlugin): FenceSettings {
  const { named, from, by, isTyped } = plugin
  if (isFile(named)) {
    const file = resolve(from, named)
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true)
      throw new InputError(`${by} ${named}: no such file`)
    if (!isTyped) refuseForeign(file, plugin)
    const url = pathToFileURL(file).href
    return { contract: CONTRACT, module: url, from: url, refusesForeign: !isTyped }
  }
  const home = PACKAGE.test(named) ? homeOf(named, from) : undefined
  if (home === undefined) {
    throw new InputError(
      `${by} ${named}: expected a file such as ./dns.mjs, or a package installed beside ${from} or beside flannel-doctor`,
    )
  }
  return {
    contract: CONTRACT,
    module: named,
    from: pathToFileURL(join(home, 'plugin.js')).href,
    refusesForeign: true,
  }
}
