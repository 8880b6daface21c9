/** `flannel-doctor.yaml` as its user meets it. */
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { doctor } from '../doctor-for-tests.ts'

const BROKEN = fileURLToPath(
  new URL('../../../fixtures/fault-states/vxlan/fdb-entry-deleted', import.meta.url),
)
const folder = mkdtempSync(join(tmpdir(), 'flannel-doctor-config-'))
test.after.always(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const WAIVERS = `waivers:
  - code: fdb/peer-vtep:missing
    subject: { host: h2, peer: h1 }
    reason: h1 is rebuilt
    until: 2999-12-31
`

test('its defaults hold unless something else is typed', async (t) => {
  const config = file('defaults.yaml', 'defaults:\n  format: [json]\n  only: [netfilter]\n  quiet: false\n')
  const told = await doctor('replay', BROKEN, '--config', config)
  const report = JSON.parse(told.stdout)
  t.deepEqual(report.scope.only, ['netfilter'])
  const typed = await doctor('replay', BROKEN, '--config', config, '--format', 'text', '--only', 'route')
  t.regex(typed.stdout, /only route/)
})

test('the configuration of a lab’s network is none of these files', async (t) => {
  const { exit, stderr } = await doctor('lab', 'up', '--config', '{"Network":}')
  t.is(exit, 2)
  t.regex(stderr, /the network configuration is not JSON/)
})

test('what stands under a command is for that one alone', async (t) => {
  const config = file(
    'commands.yaml',
    'defaults: { format: json }\ncommands:\n  replay: { format: nagios }\n  check: { probe: true }\n',
  )
  t.regex((await doctor('replay', BROKEN, '--config', config)).stdout, /^FLANNEL CRITICAL/)
})

test('a waived finding is shown, and the exit status is that of a healthy network', async (t) => {
  const { exit, stdout } = await doctor('replay', BROKEN, '--config', file('waivers.yaml', WAIVERS))
  t.is(exit, 0)
  t.regex(stdout, /^HEALTHY .*2 findings waived/)
  t.regex(stdout, /waived until 2999-12-31: h1 is rebuilt: /)
})

test('every mistake is told at once, with its place', async (t) => {
  const config = file(
    'wrong.yaml',
    `defaults:
  deadlin: 5
  concurrency: many
  fail-on: never
plugins: 5
waivers:
  - code: route/peer-subnet:mising
    until: tomorrow
`,
  )
  const { exit, stdout, stderr } = await doctor('replay', BROKEN, '--config', config)
  t.is(exit, 2)
  t.is(stdout, '')
  t.regex(stderr, /wrong\.yaml:2:3: defaults\.deadlin: unknown key; did you mean "deadline"\?/)
  t.regex(stderr, /wrong\.yaml:3:16: defaults\.concurrency: expected a whole number from 1/)
  t.regex(stderr, /fail-on: expected critical, warning, info, got "never"/)
  t.regex(stderr, /plugins: expected a list of packages and files/)
  t.regex(stderr, /and \d more|such as route\/peer-subnet:missing/)
})

test('two defaults that exclude each other are refused', async (t) => {
  const config = file('both.yaml', 'commands:\n  check: { probe: true, read-only: true }\n')
  const { exit, stderr } = await doctor('check', '--config', config)
  t.is(exit, 2)
  t.regex(stderr, /exclude each other/)
})

test('one that is wrong is told in the formats that were asked for', async (t) => {
  const config = file('broken.yaml', 'waivers: 5\n')
  const { exit, stdout } = await doctor('replay', BROKEN, '--config', config, '--format', 'junit')
  t.is(exit, 2)
  t.regex(stdout, /<error[^>]*>|<error /)
  t.regex(stdout, /a list of waivers/)
})

test('nesting, size and anchors that would keep us busy are refused', async (t) => {
  const laughs = Array.from(
    { length: 12 },
    (_, at) => `a${at + 1}: &a${at + 1} [${Array(9).fill(`*a${at}`).join(', ')}]`,
  )
  for (const [content, reason] of [
    [`defaults: ${'['.repeat(5000)}`, /nested too deeply/],
    [`a0: &a0 x\n${laughs.join('\n')}\n`, /Excessive alias count/],
    [`# ${'x'.repeat(2 * 1024 * 1024)}`, /larger than 1048576 bytes/],
  ] as const) {
    const { exit, stderr } = await doctor('replay', BROKEN, '--config', file('bomb.yaml', content))
    t.is(exit, 2)
    t.regex(stderr, reason)
  }
})

test('beside the inventory it is found; one of another user, or open to all, is refused', async (t) => {
  const place = join(folder, 'beside')
  mkdirSync(place)
  cpSync(
    file('hosts.yaml', 'hosts:\n  - { name: h1, via: "netns://flannel-doctor-absent" }\n'),
    join(place, 'hosts.yaml'),
  )
  const config = join(place, 'flannel-doctor.yaml')
  writeFileSync(config, 'defaults: { format: nagios }\n')
  const check = () =>
    doctor('check', '--inventory', join(place, 'hosts.yaml'), '--etcd', 'http://127.0.0.1:1')
  t.regex((await check()).stdout, /^FLANNEL UNKNOWN/)
  chmodSync(config, 0o666)
  t.regex((await check()).stderr, /everybody may write to it/)
  chmodSync(config, 0o644)
  chmodSync(config, 0o664)
  t.regex((await check()).stdout, /^FLANNEL UNKNOWN/)
  if (process.getuid?.() !== 0) return
  chownSync(config, 0, 65534)
  t.regex((await check()).stderr, /a group that is not yours may write to it/)
  chownSync(config, 65534, 65534)
  t.regex((await check()).stderr, /belongs to another user; name it by --config/)
})
