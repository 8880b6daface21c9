/** `diff` of states and reports as its user meets it. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { reportOf } from '../../../reports/reports-for-tests.ts'
import { diffReports } from '../../run/compared/diff-reports.ts'
import { runSaved } from '../../run/run-inventory.ts'
import { doctorHere } from '../doctor-here-for-tests.ts'

const STATES = fileURLToPath(new URL('../../../fixtures/states/', import.meta.url))
const HEALTHY = `${STATES}v0.28.9-vxlan`
const BROKEN = `${STATES}v0.20.0-vxlan-missed-lease`

const folder = mkdtempSync(join(tmpdir(), 'flannel-doctor-diff-'))
test.after.always(() => rmSync(folder, { recursive: true, force: true }))

const diff = (...argv: readonly string[]) => doctorHere('diff', ...argv)

test('a state beside itself has nothing new and exits 0', async (t) => {
  const { exit, stdout } = await diff(BROKEN, BROKEN, '--format', 'json')
  const { findings, changes } = JSON.parse(stdout)
  t.is(exit, 0)
  t.deepEqual([findings.new, findings.fixed, changes], [[], [], []])
  t.true(findings.unchanged.length > 0)
})

test('what is new makes exit 1, what is fixed does not', async (t) => {
  const worse = await diff(HEALTHY, BROKEN)
  t.is(worse.exit, 1)
  t.regex(worse.stdout, /^HEALTHY → BROKEN {2}\d+ new findings/)
  t.regex(worse.stdout, /^ {2}new +[\s\S]*lease\/peer:unprogrammed/m)
  const better = await diff(BROKEN, HEALTHY)
  t.is(better.exit, 0)
  t.regex(better.stdout, /^ {2}fixed +/m)
})

test('a report in a file is read; what is none is refused with a reason', async (t) => {
  const file = join(folder, 'report.json')
  writeFileSync(file, JSON.stringify(await reportOf('v0.28.9-vxlan')))
  t.is((await diff(file, HEALTHY)).exit, 0)
  for (const content of ['{', '{"schemaVersion":2}', '[]']) {
    writeFileSync(file, content)
    const { exit, stderr } = await diff(file, HEALTHY)
    t.is(exit, 2)
    t.regex(stderr, /expected a saved state or a report/)
  }
  t.regex((await diff(join(folder, 'absent'), HEALTHY)).stderr, /no such file or folder/)
  t.regex((await diff('/dev/null', HEALTHY)).stderr, /expected a folder or a regular file/)
})

test('leases, VTEP MACs, hosts and configuration that changed are named', async (t) => {
  const report = await reportOf('v0.28.9-vxlan')
  const { network } = report
  if (network === null) return t.fail('no network')
  const [first, second, third] = network.leases
  if (first === undefined || second === undefined || third === undefined)
    return t.fail('three leases are needed')
  const leases = [
    { ...first, subnet: '10.99.0.0/24' },
    { ...second, vtepMac: '02:00:00:00:00:01' },
  ]
  const hosts = report.hosts.map((host, at) =>
    at === 0 ? { ...host, reachable: false, problem: 'refused' } : host,
  )
  const after = { ...report, hosts, network: { ...network, leases, backend: 'udp' } }
  const { changes } = diffReports({ from: 'a', report }, { from: 'b', report: after }, '0')
  const said = changes.join('\n')
  for (const words of [
    'backend changed from vxlan to udp',
    `moved from ${first.subnet} to 10.99.0.0/24`,
    'to 02:00:00:00:00:01',
    `the lease ${third.subnet}`,
    'can no longer be read: refused',
  ])
    t.true(said.includes(words), `${words} in ${said}`)
})

test('of two states it tells what the kernel of a host has gained, lost and changed', async (t) => {
  const after = join(folder, 'after')
  cpSync(HEALTHY, after, { recursive: true })
  const edit = (file: string, change: (text: string) => string): void => {
    const path = join(after, 'h1', file)
    const text = readFileSync(path, 'utf8')
    const changed = change(text)
    t.not(changed, text, file)
    writeFileSync(path, changed)
  }
  const old = await runSaved(HEALTHY)
  const peer = old.report.network?.leases.find(({ host }) => host === 'h2')
  if (peer?.vtepMac === undefined) return t.fail('h2 needs a lease with a VTEP MAC')
  const { subnet, vtepMac } = peer
  edit('routes.txt', (text) =>
    JSON.stringify(JSON.parse(text).filter(({ dst }: { dst: string }) => dst !== subnet)),
  )
  edit('neighbours.txt', (text) => text.replaceAll(vtepMac, '02:00:00:00:00:01'))
  const { exit, stdout } = await diff(HEALTHY, after, '--format', 'json')
  t.is(exit, 1)
  const { changes } = JSON.parse(stdout)
  t.deepEqual(changes, [
    `h1: route ${subnet} is gone (was via ${subnet.replace('/24', '')} dev flannel.1)`,
    `h1: neighbour ${subnet.replace('/24', '')} on flannel.1 changed from ${vtepMac} to 02:00:00:00:00:01`,
  ])
})

for (const [format, holds] of [
  ['junit', /<testsuites name="flannel-doctor" tests="\d+" failures="[1-9]/],
  ['tap', /^not ok \d+ - lease\/peer:unprogrammed/m],
  ['sarif', /"baselineState": "new"/],
  ['html', /New \(\d+\)/],
  ['markdown', /^## New$/m],
  ['nagios', /^FLANNEL CRITICAL - HEALTHY → BROKEN/],
  ['openmetrics', /^flannel_diff_findings\{state="new",severity="critical"\} [1-9]/m],
  ['github', /^::error title=new%3A lease\/peer%3Aunprogrammed/m],
] as const) {
  test(`${format} tells what is new`, async (t) => {
    const { exit, stdout } = await diff(HEALTHY, BROKEN, '--format', format)
    t.is(exit, format === 'nagios' ? 2 : 1)
    t.regex(stdout, holds)
  })
}

test('what is waived is no reason to fail', async (t) => {
  const config = join(folder, 'waivers.yaml')
  const waivers = ['lease/peer:unprogrammed', 'daemon/version:known-defect'].map((code) => ({
    code,
    reason: 'known',
  }))
  writeFileSync(config, JSON.stringify({ waivers }))
  const { exit, stdout } = await diff(HEALTHY, BROKEN, '--config', config)
  t.is(exit, 0)
  t.regex(stdout, /\(waived, lease\/peer:unprogrammed/)
})
