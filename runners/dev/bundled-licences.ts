/** The licences of the packages that are bundled, which have to go where their code goes. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Those that ask for their text and nothing else. */
const PERMISSIVE = /^(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|BlueOak-1\.0\.0)$/

/** The folder of the package that a file belongs to; undefined for one of ours, also where it lies in `node_modules/.cache`. */
function packageOf(file: string): string | undefined {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/.][^/]*)\//.exec(file)?.[1]
}

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const [file] = globSync('{LICEN[SC]E,licen[sc]e}*', { cwd: folder })
  if (file === undefined || !PERMISSIVE.test(license))
    throw new Error(`${folder}: its licence ${license} is not known here, or its text is not beside it`)
  return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
}

/** The licences of all packages that these files belong to, in the order of their names. Throws where one is none of those. */
export function licencesOf(files: readonly string[]): string {
  const folders = new Set(files.flatMap((file) => packageOf(file) ?? []))
  return [...folders]
    .map(licenceOf)
    .sort()
    .join(`\n${'-'.repeat(80)}\n\n`)
}
