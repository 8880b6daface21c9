/**
 * What the package runs and exports, with all modules of ours and of the packages that they need in a few files: finding
 * and reading hundreds of modules takes longer than a check, and installing sixty packages longer than one.
 */
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename, dirname, join, relative, sep } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { licencesOf } from './bundled-licences.ts'
import { ROOT } from './installed-package.ts'
import { AS_CHUNKS, mergeChunks } from './merge-chunks.ts'

/** Below the built folder. */
const BUNDLE = 'bundle'
/** Programs beside the exports; each becomes a line that loads its bundle. */
const PROGRAMS = ['runners/cli/cli', 'runners/datastore/reader', 'runners/plugins/plugin-thread']
/** What plugins import, which may lead to nothing that they may not use. */
const CONTRACT = 'runners/plugins/contract'
/** Compiled files that no entry leads to, but that are started or read as they are. */
const AS_THEY_ARE = /^(?:bundle|runners\/setup|fixtures\/states)\//

/** Modules that a check loads: as it starts, before it has asked its hosts, and while they answer. */
const LOADED_TOGETHER = {
  'when-started': ['runners/cli/cli.js'],
  'before-hosts-are-asked': [
    'runners/cli/commands/check.js',
    'runners/cli/options/config-file.js',
    'runners/inventory/parse.js',
    'reports/registry.js',
  ],
  'as-etcd-is-read': [
    'runners/datastore/read-etcd.js',
    'runners/datastore/read-relayed.js',
    'runners/datastore/read-via.js',
  ],
  'while-hosts-answer': ['runners/run/judging/judge-until.js', 'reports/text/text.js'],
}

/** Building its table of emoji takes longer than a report, and only a text that is not ASCII needs it. */
const LATE = /^import (\w+) from 'string-width';?$/m

/** By this name of it all of zod is there, with its messages in fifty languages; by the other one what is used. */
const ZOD = /^import \{ z \} from 'zod'/m

/** Pages, states and programs lie beside the module that names them by its own place: in a bundle that stays its place. */
function keptPlaces(folder: string): Plugin {
  return {
    name: 'kept-places',
    setup: ({ onLoad }) =>
      onLoad({ filter: /\.js$/ }, ({ path }) => {
        if (!path.startsWith(`${folder}${sep}`)) return undefined
        const place = JSON.stringify(relative(join(folder, BUNDLE), path))
        const contents = readFileSync(path, 'utf8')
          .replace(ZOD, "import * as z from 'zod'")
          .replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`)
          .replace(LATE, "const $1 = (...given) => require('string-width').default(...given)")
        return { contents, loader: 'js' }
      }),
  }
}

/** Modules of CommonJS ask for Node's own by `require`, which a bundle has not, nor the thread of a plugin what makes one. */
const NODES_OWN: Plugin = {
  name: 'nodes-own',
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /^[a-z]/ }, ({ kind, path }) =>
      kind === 'require-call' && isBuiltin(path) ? { path, namespace: 'node' } : undefined,
    )
    onLoad({ filter: /(?:)/, namespace: 'node' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
    }))
  },
}

/** Bundles a built folder, given by its absolute path, with these modules as exports. Throws with esbuild's words. */
export async function bundlePrograms(folder: string, exported: readonly string[]): Promise<void> {
  const entries = [...PROGRAMS, ...exported].map((entry) => `${entry}.js`)
  const { metafile } = await build({
    entryPoints: entries.map((entry) => join(folder, entry)),
    outdir: join(folder, BUNDLE),
    // All in one folder: from there the places above are reckoned.
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    ...AS_CHUNKS,
    // The descriptions of etcd's calls, which etcd3 reads from `../proto`.
    // Its modules as they are, with those of others from their packages.
    alias: { tar: 'tar/raw' },
    define: { __dirname: 'import.meta.dirname' },
    nodePaths: [join(ROOT, 'node_modules')],
    absWorkingDir: ROOT,
    metafile: true,
    plugins: [keptPlaces(folder), NODES_OWN],
  })
  await mergeChunks({
    folder: join(folder, BUNDLE),
    outputs: metafile.outputs,
    groups: LOADED_TOGETHER,
    programs: [...PROGRAMS, CONTRACT].map((program) => `${basename(program)}.js`),
  })
  cpSync(join(ROOT, 'node_modules/etcd3/proto'), join(folder, 'proto'), { recursive: true })
  writeFileSync(
    join(folder, 'LICENCES-OF-PACKAGES.txt'),
    licencesOf(Object.keys(metafile.inputs).map((path) => join(ROOT, path))),
  )
  for (const path of globSync('**/*.js', { cwd: folder }))
    if (!AS_THEY_ARE.test(path)) rmSync(join(folder, path))
  for (const entry of entries) {
    const file = join(folder, entry)
    const bundled = relative(dirname(file), join(folder, BUNDLE, basename(entry)))
    writeFileSync(file, `export * from ${JSON.stringify(bundled)}\n`)
  }
}
