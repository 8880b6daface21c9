/** The package as it is installed, built for a benchmark. */
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { command } from './measure.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** Below the packages that it asks for. */
const HOME = join(ROOT, 'node_modules/.cache/bench-package')

/** Builds it anew and returns the path of its command. */
export async function builtPackage(): Promise<string> {
  rmSync(HOME, { recursive: true, force: true })
  mkdirSync(join(HOME, 'runners'), { recursive: true })
  for (const path of ['package.json', 'runners/bin.js', 'runners/setup'])
    cpSync(join(ROOT, path), join(HOME, path), { recursive: true })
  await command([process.execPath, join(ROOT, 'runners/dev/build-dist.ts'), join(HOME, 'dist')])
  return join(HOME, 'runners/bin.js')
}
