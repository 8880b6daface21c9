/** Who imports whom, read from the import and export statements of the source. */
import { lineAt, type SourceFile } from './source-tree.ts'

export interface Import {
  /** The importing file. */
  readonly from: string
  /** A file of the project, or the bare specifier of a package or a node: module. */
  readonly to: string
  readonly isPackage: boolean
  readonly isTypeOnly: boolean
  readonly line: number
}

const STATEMENT = /^(?:import|export)\b(?:[^'"`;]*?\bfrom)?\s*(['"])/gm
const DYNAMIC = /\bimport\(\s*(['"])/g

function resolve(from: string, specifier: string): string {
  const url = new URL(specifier, `file:///${from}`)
  return decodeURIComponent(url.pathname.slice(1))
}

/** `import type …`, or braces in which every name is marked `type`. */
function isTypeOnly(statement: string): boolean {
  if (/^(?:import|export)\s+type\b/.test(statement)) return true
  const names = /^(?:import|export)\s*\{([^}]*)\}/.exec(statement)?.[1]
  return names?.split(',').every((name) => name.trim() === '' || /^\s*type\s/.test(name)) ?? false
}

/** All imports of one file; re-exports and `import()` of a fixed name count too. */
export function importsOf({ path, text, code }: SourceFile): Import[] {
  return [STATEMENT, DYNAMIC].flatMap((pattern) =>
    [...code.matchAll(pattern)].map((match) => {
      const quoteAt = match.index + match[0].length
      const specifier = text.slice(quoteAt, code.indexOf(match[1] as string, quoteAt))
      const isPackage = !specifier.startsWith('.')
      return {
        from: path,
        to: isPackage ? specifier : resolve(path, specifier),
        isPackage,
        isTypeOnly: isTypeOnly(match[0]),
        line: lineAt(text, match.index),
      }
    }),
  )
}

/**
 * Every cycle of files once, as the path that leads back to its start. Imports of types do not
 * count: nothing of them is left when the program runs.
 */
export function importCycles(imports: readonly Import[]): string[][] {
  const targets = Map.groupBy(
    imports.filter(({ isPackage, isTypeOnly }) => !isPackage && !isTypeOnly),
    ({ from }) => from,
  )
  const done = new Set<string>()
  const cycles: string[][] = []
  const visit = (file: string, trail: readonly string[]): void => {
    const seenAt = trail.indexOf(file)
    if (seenAt >= 0) cycles.push([...trail.slice(seenAt), file])
    if (seenAt >= 0 || done.has(file)) return
    for (const { to } of targets.get(file) ?? []) visit(to, [...trail, file])
    done.add(file)
  }
  for (const file of targets.keys()) visit(file, [])
  return cycles
}

/** The folders by which an import crosses: the first in which the two paths differ; a file beside a folder stands for its own. */
function crossing({ from, to }: Import): readonly [string, string] {
  const [a, b] = [from.split('/').slice(0, -1), to.split('/').slice(0, -1)]
  const shared = a.findIndex((name, index) => name !== b[index])
  const depth = shared < 0 ? a.length : shared
  return [a.slice(0, depth + 1).join('/'), b.slice(0, depth + 1).join('/')]
}

/**
 * Pairs of folders that import each other, each once, with an import of either direction. Folders count with all that is
 * below them, and imports of types count too: what two folders say of each other is one thing in two places.
 */
export function mutualFolders(imports: readonly Import[]): readonly (readonly [Import, Import])[] {
  const crossings = new Map<string, Import>()
  for (const found of imports) {
    const [from, to] = crossing(found)
    if (!found.isPackage && from !== to) crossings.set(`${from} ${to}`, found)
  }
  return [...crossings].flatMap(([way, there]) => {
    const [from = '', to = ''] = way.split(' ')
    const back = from < to ? crossings.get(`${to} ${from}`) : undefined
    return back === undefined ? [] : [[there, back] as const]
  })
}
