/** What an installation for users holds: the built package, which asks for no other, and a Node to run it. */
import { globSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The Node that an installation brings: the one of this checkout. */
export function nodeBinary(): string {
  return realpathSync(process.execPath)
}

export interface InstalledFile {
  readonly content: Uint8Array
  readonly mode: number
}

/** The files of an installation, as npm makes it, by their paths; types are for those who compile. */
export function installedFiles(): ReadonlyMap<string, InstalledFile> {
  const { files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly files: readonly string[]
  }
  const left = files.flatMap((path) => (path.startsWith('!') ? [path.slice(1), `${path.slice(1)}/**`] : []))
  const named = files.filter((path) => !path.startsWith('!'))
  const own = ['package.json', 'README.md', 'LICENSE', ...named.map((path) => `{${path},${path}/**}`)]
  const all = globSync(own, { cwd: ROOT, exclude: left })
  return new Map(
    all
      .filter((path) => !/\.d\.[cm]?ts$|\.map$/.test(path) && statSync(join(ROOT, path)).isFile())
      .map((path) => {
        const file = join(ROOT, path)
        const content = readFileSync(file)
        return [
          `node_modules/flannel-doctor/${path}`,
          { content, mode: statSync(file).mode & 0o755 },
        ] as const
      }),
  )
}
