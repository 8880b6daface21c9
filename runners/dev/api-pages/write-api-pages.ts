/**
 * The pages of the library, made of its docstrings by typedoc. The checkout's compiler has no interface for programs, so
 * typedoc has one of its own; both come from the registry once, as package-lock.json has them, into the cache: nobody
 * else needs their 48 MB.
 */
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from '../../setup/cache-folder.js'
import { ROOT } from '../installed-package.ts'
import { must } from '../npm-tarball-for-tests.ts'

/** What users import. */
const ENTRIES = ['runners/library/exports.ts', 'runners/plugins/contract.ts', 'runners/library/testing.ts']
const HERE = join(ROOT, 'runners/dev/api-pages')

/** The folder in which typedoc is installed, made once for each version. */
async function typedocHome(): Promise<string> {
  const { dependencies } = JSON.parse(readFileSync(join(HERE, 'package.json'), 'utf8'))
  const home = join(cacheFolder(), `typedoc-${dependencies.typedoc}`)
  if (existsSync(join(home, 'node_modules'))) return home
  mkdirSync(home, { recursive: true })
  for (const name of ['package.json', 'package-lock.json']) cpSync(join(HERE, name), join(home, name))
  await must(['npm', 'ci', '--ignore-scripts', '--prefix', home])
  return home
}

/** Writes them below `api` of a folder; gives the path of the first page. Throws where a function has no docstring. */
export async function writeApiPages(folder: string): Promise<string> {
  const packages = join(await typedocHome(), 'node_modules')
  const options = {
    '--tsconfig': [join(ROOT, 'tsconfig.build.json')],
    '--plugin': [join(packages, 'typedoc-plugin-missing-exports/index.js')],
    '--entryPoints': ENTRIES.map((entry) => join(ROOT, entry)),
    '--requiredToBeDocumented': ['Function'],
    '--out': [join(folder, 'api')],
    '--name': ['flannel-doctor'],
    '--readme': ['none'],
  }
  const words = Object.entries(options).flatMap(([name, values]) => values.flatMap((value) => [name, value]))
  // Types are checked by `npm run lint`, with the compiler that the source is written for.
  const switches = [
    '--skipErrorChecking',
    '--disableSources',
    '--excludeExternals',
    '--validation.notDocumented',
  ]
  const typedoc = [process.execPath, join(packages, 'typedoc/bin/typedoc')]
  await must([...typedoc, ...switches, '--treatValidationWarningsAsErrors', ...words])
  return join(folder, 'api/index.html')
}
