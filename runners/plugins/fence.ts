/**
 * What a plugin's thread may not reach. It keeps plugins pure, as ours are by lint: hosts are read by facts alone. It is no
 * wall against malice: whoever names a plugin runs its code with their own rights.
 */
import nodeModule from 'node:module'
import { fileURLToPath } from 'node:url'
import { isOursAlone } from '../setup/cache-folder.js'

/** Modules of Node that read and write nothing. */
const PURE = new Set(['assert', 'buffer', 'events', 'path', 'querystring', 'string_decoder', 'url', 'util'])
/** Globals by which something is asked or sent. */
const DOORS = ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest']

/** Why a file must not be run where nobody typed its path. */
export function foreignFile(file: string): string | undefined {
  return isOursAlone(file) ? undefined : `other users may write or replace ${file}`
}

/** How a plugin's own imports are resolved. */
export interface FenceSettings {
  /** URL of the module behind `flannel-doctor/plugin`. */
  readonly contract: string
  /** The plugin's own module, a file URL or the name of a package, and the URL from which that is looked for. */
  readonly module: string
  readonly from: string
  /** Files of other users are refused. */
  readonly refusesForeign: boolean
}

function refusePrivileged(specifier: string): void {
  const name = specifier.replace(/^node:/, '').split('/')[0] ?? ''
  if (nodeModule.isBuiltin(specifier) && !PURE.has(name))
    throw new Error(`it imports ${specifier}: a plugin reads hosts by its facts alone`)
}

/** Throws where Node has no hooks, which came with 22.15: without them nobody else's file would be refused. */
function hookImports({ contract, module, from, refusesForeign }: FenceSettings): void {
  if (nodeModule.registerHooks === undefined)
    throw new Error(`plugins need Node 22.15 or newer; this is ${process.versions.node}`)
  nodeModule.registerHooks({
    resolve: (specifier, context, next) => {
      if (specifier === 'flannel-doctor/plugin') return { url: contract, shortCircuit: true }
      refusePrivileged(specifier)
      return next(specifier, specifier === module ? { ...context, parentURL: from } : context)
    },
    load: (url, context, next) => {
      const foreign = refusesForeign && url.startsWith('file:') && foreignFile(fileURLToPath(url))
      if (foreign) throw new Error(foreign)
      return next(url, context)
    },
  })
}

/** Closes the doors of this thread. */
export function raiseFence(settings: FenceSettings): void {
  hookImports(settings)
  for (const name of DOORS) Reflect.deleteProperty(globalThis, name)
  const { version, versions, platform } = process
  const user = process.getuid?.()
  // The last one is what tells whose a file is (`cache-folder.js`).
  const value = Object.freeze({ env: Object.freeze({}), version, versions, platform, getuid: () => user })
  Object.defineProperty(globalThis, 'process', { value })
}
