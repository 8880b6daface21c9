/** Programs of the cache that are made once. Plain JavaScript on node: modules only. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { isOursAlone } from './cache-folder.js'
import { keepWithChecksum, verifyChecksum } from './checksum.js'

/**
 * Makes the programs that are not there with `build`, which gives the folder in which they then lie; those that are
 * there must be as they were kept. Two processes that do it at once build apart, and the first one's files stay.
 */
export async function makePrograms(paths, build, log) {
  for (const path of paths.filter((path) => existsSync(path))) {
    if (!isOursAlone(path))
      throw new Error(`${path} can be replaced by another user, so it is not run; remove it`)
    verifyChecksum(path)
  }
  const missing = paths.filter((path) => !existsSync(path))
  if (missing.length === 0) return
  mkdirSync(dirname(paths[0]), { recursive: true, mode: 0o755 })
  const work = mkdtempSync(join(dirname(paths[0]), '.build-'))
  try {
    const startedAt = performance.now()
    const names = missing.map((path) => basename(path)).join(', ')
    log(`making ${names}`)
    const folder = await build(work)
    for (const path of missing) keepWithChecksum(join(folder, basename(path)), path)
    log(`${names} made in ${((performance.now() - startedAt) / 1000).toFixed(0)} s: ${dirname(paths[0])}`)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
