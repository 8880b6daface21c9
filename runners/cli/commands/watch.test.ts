/** What `check --watch` prints of recorded looks: the first whole, then changes alone, the last at the end. */
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { runSaved } from '../../run/run-inventory.ts'
import type { CommandOutput } from '../options/output.ts'
import { watch } from './watch.ts'

const state = (name: string): string =>
  fileURLToPath(new URL(`../../../fixtures/states/${name}`, import.meta.url))
const HEALTHY = state('v0.28.9-vxlan')
const BROKEN = state('v0.20.0-vxlan-missed-lease')

/** Looks at one state after the other; a name that is no state fails. */
async function watched(states: readonly string[], formats: readonly string[]) {
  const stop = new AbortController()
  const said: string[] = []
  const outputs: CommandOutput[] = []
  let at = 0
  const last = await watch(
    async () => {
      const path = states[at++]
      if (path === undefined) stop.abort()
      return runSaved(path ?? HEALTHY)
    },
    {
      output: { formats, color: false, width: 100, quiet: false, redact: false },
      everyMs: 1,
      around: {
        say: (line) => said.push(line),
        signal: stop.signal,
        terminal: { tty: false, width: 100, env: {} },
        finish: async (output) => void outputs.push(await output),
      },
    },
  )
  return { outputs, last, said }
}

test('the first look is told whole, one like it not at all, another by its changes; files are of every look', async (t) => {
  const { outputs, last } = await watched([HEALTHY, HEALTHY, BROKEN], ['text', 'json=all.json'])
  const [first, same, changed] = outputs
  t.regex(first?.stdout ?? '', /^HEALTHY/)
  t.is(same?.stdout, '')
  t.regex(
    changed?.stdout ?? '',
    /^HEALTHY → BROKEN .*\n(.*\n)*.*lease\/peer:unprogrammed[^)]*explains\s+\d+\s+symptoms/,
  )
  t.is(changed?.exit, 1)
  t.deepEqual(
    outputs.map(({ files }) => JSON.parse(files?.get('all.json') ?? '').verdict),
    ['healthy', 'healthy', 'broken'],
  )
  t.regex(last.stdout, /^BROKEN/)
})

test('a later look that cannot be is said, and the next one looked at', async (t) => {
  const { outputs, said } = await watched([HEALTHY, state('none'), BROKEN], ['json'])
  t.is(outputs.length, 2)
  t.regex(said.join(), /none/)
  t.is(JSON.parse(outputs[1]?.stdout ?? '').after.verdict, 'broken')
  await t.throwsAsync(watched([state('none')], []))
})
