/** Loads the test files of a group into this process. */
import { globSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { PURE_TESTS } from './pure-tests.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/**
 * Registers the tests of a group, all at once, as AVA wants it: by one module that imports them. Two tests of a group must
 * not have one title, and no file of it may wait before its tests.
 */
export async function loadTogether(group: keyof typeof PURE_TESTS): Promise<void> {
  const [wanted, ...others] = PURE_TESTS[group]
  const files = globSync(wanted, { cwd: ROOT, exclude: others.map((pattern) => pattern.slice(1)) }).sort()
  const imports = files.map((file) => `import ${JSON.stringify(pathToFileURL(`${ROOT}${file}`).href)}`)
  try {
    await import(`data:text/javascript,${encodeURIComponent(imports.join('\n'))}`)
  } catch (error) {
    console.error(error) // AVA ends before it has said it
    throw error
  }
}
