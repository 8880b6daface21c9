import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { missingNeeds, needs, type Registers } from './test-needs.ts'

/** Takes what `needs` registers, in place of AVA. */
function register(): { readonly seen: string[]; readonly test: Registers<unknown> } {
  const seen: string[] = []
  const run = (title: string): void => void seen.push(`runs ${title}`)
  return { seen, test: Object.assign(run, { skip: (title: string) => void seen.push(`skips ${title}`) }) }
}

test.serial('a missing need skips with its reason, or fails in continuous integration', (t) => {
  const empty = mkdtempSync(join(tmpdir(), 'flannel-doctor-'))
  const { XDG_CACHE_HOME, CI } = process.env
  t.teardown(() => {
    Object.assign(process.env, { XDG_CACHE_HOME, CI })
    if (XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME
    if (CI === undefined) delete process.env.CI
    rmSync(empty, { recursive: true })
  })
  process.env.XDG_CACHE_HOME = empty
  const { seen, test: registers } = register()
  process.env.CI = ''
  needs(registers, 'flanneld')('needs a daemon', () => {})
  process.env.CI = 'true'
  needs(registers, 'flanneld')('needs a daemon', () => {})
  needs(registers)('needs nothing', () => {})
  t.regex(seen[0] ?? '', /^skips needs a daemon # needs flanneld: v.* not installed$/)
  t.deepEqual(seen.slice(1), ['runs needs a daemon', 'runs needs nothing'])
})

test('root is what the kernel says', (t) => {
  t.is(missingNeeds(['root']) === undefined, process.getuid?.() === 0)
})
