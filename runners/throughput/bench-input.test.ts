/** What bench refuses before it touches a host, in one line. */
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { run } from '../hosts/command/spawn.ts'

const BIN = fileURLToPath(new URL('../bin.js', import.meta.url))
const TWO_HOSTS = ['--host', 'netns://not-there-1', '--host', 'netns://not-there-2'] as const

async function bench(...argv: readonly string[]) {
  const { end, stdout, stderr } = await run([process.execPath, BIN, 'bench', ...argv], { timeoutMs: 60_000 })
  return { exit: 'exit' in end ? end.exit : -1, stdout: Buffer.from(stdout).toString('utf8'), stderr }
}

const WRONG: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['one host', ['--host', 'local:'], /bench needs two hosts: .* --inventory or --host, .* --lab/],
  ['a backend without a lab', ['--backend', 'udp', ...TWO_HOSTS], /--backend needs --lab/],
  ['targets and labs', ['--lab', ...TWO_HOSTS], /--lab measures labs of its own/],
  ['an unknown format', [...TWO_HOSTS, '--format', 'pdf'], /expected one of text, json, markdown, html/],
  ['a format that every object has', [...TWO_HOSTS, '--format', 'constructor'], /expected one of text/],
  ['an end without a partner', [...TWO_HOSTS, '--pair', 'a', 'b', '--pair', 'c'], /expected two ends/],
  ['too long', [...TWO_HOSTS, '--seconds', '61'], /whole number from 1 to 60/],
  ['no stream', [...TWO_HOSTS, '--streams', '0'], /whole number from 1 to 128/],
]

for (const [title, argv, message] of WRONG) {
  test(`${title} is refused`, async (t) => {
    const { exit, stdout, stderr } = await bench(...argv)
    t.is(exit, 2)
    t.is(stdout, '')
    t.regex(stderr, message)
    t.is(stderr.trim().split('\n').length, 1)
  })
}

test('hosts that cannot be reached are named, and nothing is measured', async (t) => {
  const { exit, stdout } = await bench(...TWO_HOSTS)
  t.is(exit, 3)
  t.regex(stdout, /^NOT MEASURED /)
  t.regex(stdout, /not-there-1/)
})
