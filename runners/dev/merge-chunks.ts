/**
 * Chunks that a command always loads together, as one file each time: for Node to find, read and link a hundred files
 * takes longer than what is in them. Each chunk stays as a line that passes on what is now in the merged file.
 */
import { writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild'

type Outputs = Metafile['outputs']

/** How esbuild makes a bundle and merges its chunks. */
export const AS_CHUNKS = {
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.12',
  // Only for labs of containers, and four times the size of the rest.
  external: ['testcontainers'],
  logLevel: 'silent',
} satisfies BuildOptions

/** Files of chunks, by the modules that they begin with (their paths end so), and what these import at once. */
function filesOf(outputs: Outputs, modules: readonly string[]): readonly string[] {
  const found = new Set(
    Object.keys(outputs).filter((path) => modules.some((one) => outputs[path]?.entryPoint?.endsWith(one))),
  )
  if (found.size !== modules.length) throw new Error(`not each of these begins a chunk: ${modules.join(' ')}`)
  for (const path of found)
    for (const { kind, path: to, external } of outputs[path]?.imports ?? [])
      if (kind === 'import-statement' && external !== true) found.add(to)
  return [...found]
}

/** A name of its own for what a chunk exports. */
const passed = (chunk: number, name: string): string => `c${chunk}_${name}`

/** Chunks that are not merged are imported as they are. */
const others = (merged: ReadonlySet<string>): Plugin => ({
  name: 'other-chunks',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\// }, ({ path, kind }) =>
      kind === 'import-statement' && merged.has(basename(path)) ? undefined : { path, external: true },
    ),
})

export interface Merging {
  /** Of the bundle. */
  readonly folder: string
  /** What esbuild told of it. */
  readonly outputs: Outputs
  /** Names of files to be, each with the modules whose chunks come into it, the one that is loaded first before. */
  readonly groups: Readonly<Record<string, readonly string[]>>
  /** Chunks that do something when they are loaded, or may not load more than they need: they stay by themselves. */
  readonly programs: readonly string[]
}

/** Merges chunks. What several of the groups and programs need is in files that they share. */
export async function mergeChunks({ folder, outputs, groups, programs }: Merging): Promise<void> {
  const merged = new Map<string, { readonly group: string; readonly exports: readonly string[] }>()
  const entries = Object.entries(groups).map(([group, modules]) => {
    const mine = filesOf(outputs, modules).filter(
      (path) => !merged.has(basename(path)) && !programs.includes(basename(path)),
    )
    for (const path of mine) merged.set(basename(path), { group, exports: outputs[path]?.exports ?? [] })
    return [group, mine.map((path) => basename(path))] as const
  })
  const numbers = new Map([...merged.keys()].map((name, at) => [name, at]))
  const words = (name: string, isWithin: boolean): string =>
    (merged.get(name)?.exports ?? [])
      .map((one) => [one, passed(numbers.get(name) ?? 0, one)])
      .map(([inner, outer]) => (isWithin ? `${inner} as ${outer}` : `${outer} as ${inner}`))
      .join(', ')
  for (const [group, names] of entries)
    writeFileSync(
      join(folder, `${group}.js`),
      names.map((name) => `import './${name}'\nexport { ${words(name, true)} } from './${name}'\n`).join(''),
    )
  const { outputFiles } = await build({
    entryPoints: [...programs, ...entries.map(([group]) => `${group}.js`)].map((name) => join(folder, name)),
    outdir: folder,
    chunkNames: 'shared-[hash]',
    write: false,
    ...AS_CHUNKS,
    plugins: [others(new Set(merged.keys()))],
  })
  for (const { path, contents } of outputFiles) writeFileSync(path, contents)
  for (const [name, { group }] of merged)
    writeFileSync(
      join(folder, name),
      `import './${group}.js'\nexport { ${words(name, false)} } from './${group}.js'\n`,
    )
}
