/** Plugins as files of somebody else's, and states that they are about. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { NamedPlugin } from './plugin-file.ts'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
export const EXAMPLE = join(ROOT, 'fixtures/plugin-example/acme.js')
export const HEALTHY = join(ROOT, 'fixtures/states/v0.28.9-vxlan')

/** A folder of one test file; `remove` takes it away. */
export function pluginFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'flannel-doctor-plugin-'))
  const asTyped = (named: string): NamedPlugin => ({ named, from: folder, by: '--plugin', isTyped: true })
  const file = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  return { folder, asTyped, file, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** A plugin `acme` with one check, whose evaluate has this body. */
export function checking(body: string): string {
  return `
import { defineHostCheck, definePlugin } from 'flannel-doctor/plugin'
const check = defineHostCheck({
  id: 'acme/dns', title: 'resolvers', page: '# resolvers\\n\\u001b[31mred', needs: ['kernel'],
  findings: { gone: { severity: 'warning', confidence: 'certain', says: '{host} has none', fix: 'add one' } },
  *evaluate(view) { ${body} },
})
export default definePlugin({ apiVersion: 1, name: 'acme', checks: [check] })
`
}

/** A copy of a recorded healthy state, in which the example's command was answered so on every host. */
export function stateWithPorts(state: string, stdout: string): string {
  cpSync(HEALTHY, state, { recursive: true })
  for (const host of ['h1', 'h2', 'h3']) {
    const path = join(state, host, 'sections.json')
    const records = JSON.parse(readFileSync(path, 'utf8'))
    writeFileSync(
      path,
      JSON.stringify({ ...records, 'acme.localPorts': { command: 'cat', end: { exit: 0 } } }),
    )
    writeFileSync(join(state, host, 'acme.localPorts.txt'), stdout)
  }
  return state
}
