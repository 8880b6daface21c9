/** What an installation for users holds: the built package, what it asks for, and a Node to run it. */
import { globSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

interface LockedPackage {
  readonly dev?: true
  readonly peer?: true
}

/** Packages that the lock file installs for users, the outermost ones. */
export function productionPackages(): readonly string[] {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, LockedPackage>>
  }
  return Object.entries(packages)
    .filter(([path, { dev, peer }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !dev && !peer)
    .map(([path]) => path)
}

/** The Node that an installation brings: the one of this checkout. */
export function nodeBinary(): string {
  return realpathSync(process.execPath)
}

export interface InstalledFile {
  readonly content: Uint8Array
  readonly mode: number
}

function filesOf(
  folder: string,
  patterns: readonly string[],
  exclude: readonly string[] = [],
): readonly string[] {
  return patterns
    .flatMap((pattern) => globSync(pattern, { cwd: join(ROOT, folder), exclude }))
    .filter((path) => statSync(join(ROOT, folder, path)).isFile())
}

/** The files of an installation, as npm makes it, by their paths; types are for those who compile. */
export function installedFiles(): ReadonlyMap<string, InstalledFile> {
  const { files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly files: readonly string[]
  }
  const left = files.flatMap((path) => (path.startsWith('!') ? [path.slice(1), `${path.slice(1)}/**`] : []))
  const named = files.filter((path) => !path.startsWith('!'))
  const own = ['package.json', 'README.md', 'LICENSE', ...named.map((path) => `{${path},${path}/**}`)]
  const all = [
    ...filesOf('.', own, left).map((path) => [`node_modules/flannel-doctor/${path}`, path] as const),
    ...productionPackages().flatMap((folder) =>
      filesOf(folder, ['**']).map((path) => [join(folder, path), join(folder, path)] as const),
    ),
  ]
  return new Map(
    all
      .filter(([path]) => !/\.d\.[cm]?ts$|\.map$/.test(path))
      .map(([path, from]) => {
        const file = join(ROOT, from)
        return [path, { content: readFileSync(file), mode: statSync(file).mode & 0o755 }] as const
      }),
  )
}
