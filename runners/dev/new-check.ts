/** `npm run new:check fdb/peer-vtep`: the three files of a check and its line in the registry. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { LAYERS } from '../../checks/check.ts'
import { checkPage, checkSource, checkTest, withRegistryLine } from './check-templates.ts'

const CHECKS = new URL('../../checks/', import.meta.url)

function problemWith(id: string): string | undefined {
  const [layer = '', subject = '', ...more] = id.split('/')
  if (!(LAYERS as readonly string[]).includes(layer)) {
    return `a check is called layer/subject, as in fdb/peer-vtep; the layers are ${LAYERS.join(', ')}`
  }
  if (more.length > 0 || !/^[a-z][a-z0-9-]*$/.test(subject)) {
    return `"${subject}" is not a subject: a noun in small letters and hyphens, as in peer-vtep`
  }
  return existsSync(new URL(`${id}.ts`, CHECKS)) ? `checks/${id}.ts is there already` : undefined
}

function writeCheck(id: string): readonly string[] {
  const [layer = ''] = id.split('/')
  mkdirSync(new URL(`${layer}/`, CHECKS), { recursive: true })
  const files = {
    [`${id}.ts`]: checkSource(id),
    [`${id}.md`]: checkPage(id),
    [`${id}.test.ts`]: checkTest(id),
  }
  for (const [path, text] of Object.entries(files)) writeFileSync(new URL(path, CHECKS), text, { flag: 'wx' })
  const registry = new URL('registry.ts', CHECKS)
  writeFileSync(registry, withRegistryLine(readFileSync(registry, 'utf8'), id))
  return [...Object.keys(files), 'registry.ts'].map((path) => `checks/${path}`)
}

const [id = ''] = process.argv.slice(2)
const problem = problemWith(id)
if (problem === undefined) {
  process.stdout.write(
    `${writeCheck(id).join('\n')}\nNext: \`npm run test:folder -- checks/${id.split('/')[0]}\` says what is still to be filled in.\n`,
  )
} else {
  process.stderr.write(`new:check: ${problem}\n`)
  process.exitCode = 2
}
