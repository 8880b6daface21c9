/** The command as a shell starts it. */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { run } from './hosts/command/spawn.ts'
import { commandPath } from './setup/search-path.js'
import { needs } from './test-needs.ts'

const BIN = fileURLToPath(new URL('./bin.js', import.meta.url))
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const systemNode = commandPath('node')

async function start(node: string, ...args: string[]): Promise<{ text: string; end: unknown }> {
  const { stdout, end } = await run([node, BIN, ...args])
  return { text: stdout.toString(), end }
}

test('--version prints the version of package.json', async (t) => {
  t.deepEqual(await start(process.execPath, '--version'), { text: `${version}\n`, end: { exit: 0 } })
})

test('a wrong flag ends with status 2', async (t) => {
  t.deepEqual((await start(process.execPath, 'check', '--no-such-flag')).end, { exit: 2 })
})

test('what cannot be written to standard output is said, and ends with status 2', async (t) => {
  const script = '"$0" "$1" list checks >/dev/full'
  const { stderr, end } = await run(['sh', '-c', script, process.execPath, BIN], { timeoutMs: 60_000 })
  t.deepEqual(end, { exit: 2 })
  t.is(stderr, 'flannel-doctor: cannot write to standard output: ENOSPC\n')
})

needs(test, 'node')(
  'the Node of the machine, whatever its age, starts it and keeps the exit status',
  async (t) => {
    const node = systemNode as string
    t.deepEqual(await start(node, '--version'), { text: `${version}\n`, end: { exit: 0 } })
    t.deepEqual((await start(node, 'check', '--no-such-flag')).end, { exit: 2 })
  },
)
