/** Every command that a finding of a recorded fault prints: the shell reads it, and it is one of a known program. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { commandProblem } from '../../checks/heal/command-grammar-for-tests.ts'
import { CHECKS } from '../../checks/registry.ts'
import type { Report, ReportFinding } from '../../reports/report.ts'
import { run } from '../hosts/command/spawn.ts'
import { judge } from './judge.ts'
import { loadCluster } from './saved-cluster.ts'

const STATES = fileURLToPath(new URL('../../fixtures/fault-states/', import.meta.url))
const RUN: Report['run'] = {
  tool: 'flannel-doctor',
  version: '0',
  startedAt: '2026-01-01T00:00:00.000Z',
  durationMs: 1,
  level: 'read-only',
  argv: [],
}

async function findingsOf(state: string): Promise<readonly ReportFinding[]> {
  const { snapshot } = await loadCluster(`${STATES}${state}`)
  const settings = { selection: { only: [], skip: [] }, failOn: 'warning' } as const
  return judge(snapshot, { run: RUN, commands: [] }, settings).results.flatMap(({ findings }) => findings)
}

const states = ['vxlan', 'host-gw', 'udp'].flatMap((backend) =>
  readdirSync(`${STATES}${backend}`)
    .filter((name) => !name.startsWith('healthy'))
    .map((name) => `${backend}/${name}`),
)

const found = Promise.all(states.map(findingsOf)).then((all) => all.flat())

test('every command of every recorded fault is one that a shell reads and a known program takes', async (t) => {
  const fixes = (await found).flatMap((finding) => finding.fixes)
  const commands = fixes.flatMap(({ command, undo }) => [command, ...(undo === undefined ? [] : [undo])])
  t.deepEqual(
    commands.flatMap((command) => commandProblem(command) ?? []),
    [],
  )
  const typed = fixes.flatMap((fix) => [fix.typed, ...(fix.undoTyped === undefined ? [] : [fix.undoTyped])])
  const lines = [...new Set(typed)]
  t.true(lines.length > 200, `${lines.length} commands`)
  const { end, stderr } = await run(['sh', '-n'], { stdin: `${lines.join('\n')}\n`, timeoutMs: 10_000 })
  t.deepEqual({ end, stderr: stderr.toString() }, { end: { exit: 0 }, stderr: '' })
})

/** Codes that no command heals, or none that can be known: the words beside them say what to do. */
const PROSE_ONLY = [
  'datastore/endpoint:unhealthy',
  'datastore/cluster-identity:split',
  'datastore/clock:skewed',
  'datastore/prefix:differs',
  'datastore/flanneld-endpoint:own-etcd',
  'datastore/tls-files:expired',
  'datastore/tls-files:not-yet-valid',
  'datastore/tls-files:expires-soon',
  'datastore/tls-files:missing',
  'datastore/tls-files:no-certificate',
  'datastore/tls-files:other-authority',
  'datastore/api:wrong-api',
  'datastore/config-key:missing',
  'datastore/config-key:removed',
  'datastore/config-key:refused',
  'datastore/config-key:damaged',
  'datastore/config:unknown-key',
  'datastore/config:network-too-small',
  'datastore/config:backend-unknown',
  'lease/own:taken',
  'lease/public-ip:shared',
  'daemon/process:several',
  'daemon/unit-order:options-not-read',
  'daemon/version:vni-unreadable',
  'daemon/log:config-missing',
  'daemon/log:config-refused',
  'daemon/log:backend-refused',
  'daemon/log:etcd-unreachable',
  'daemon/log:etcd-tls',
  'daemon/log:etcd-denied',
  'daemon/log:etcd-full',
  'daemon/log:etcd-without-v2',
  'daemon/log:certificate-unreadable',
  'daemon/log:out-of-subnets',
  'daemon/log:interface-not-found',
  'daemon/log:no-default-route',
  'daemon/log:kernel-lacks-link',
  'daemon/log:vni-taken',
  'daemon/log:port-taken',
  'daemon/log:public-ip-behind-nat',
  'daemon/log:not-permitted',
  'daemon/log:mac-changed',
  'daemon/log:bridge-netfilter-missing',
  'daemon/log:flag-unknown',
  'daemon/log:crashed',
  'daemon/log:subnet-file-not-written',
  'daemon/log:rules-not-written',
  'daemon/log:entries-not-written',
  'daemon/log:lease-lost',
  'daemon/log:renewal-fails',
  'daemon/log:watch-fails',
  'underlay/external-link:missing',
  'underlay/mtu:truncates',
  'underlay/public-ip:machine-nat',
  'underlay/network-overlap:inside-network',
  'underlay/network-overlap:inside-range',
  'underlay/peer-on-link:not-on-link',
  'underlay/peer-mac:duplicate',
  'underlay/peer-mac:other-machine',
  'route/network-overlap:overlapping',
  'route/mtu:smaller-than-underlay',
  'route/mtu:smaller-than-overlay',
  'netfilter/container-masquerade:none',
  'bridge/address:wrong-subnet',
  'bridge/docker-options:bip-differs',
  'bridge/docker-options:set-twice',
  'bridge/docker-options:bip-is-network',
  'bridge/docker-options:mtu-differs',
  'bridge/docker-options:ip-masq-differs',
  'bridge/docker-options-file:differs',
  'bridge/docker-options-file:empty',
  'bridge/docker-options-file:junk',
  'bridge/docker-options-file:not-used',
  'bridge/container-address:outside-subnet',
  'bridge/container-address:duplicate',
  'path/rule:redirects',
  'path/rule:drops-some',
  'path/route:captured',
  'path/route:loop',
  'path/neighbour:wrong-mac',
  'path/link:not-listening',
  'path/link:vni-differs',
  'path/link:no-answer',
  'path/link:no-such-host',
  'path/service:protocol-dropped',
  'dataplane/underlay-ping:lost',
  'dataplane/tunnel-port:closed',
  'dataplane/tunnel-port:prohibited',
  'dataplane/followed-ping:rule',
  'dataplane/followed-ping:dropped',
  'dataplane/followed-ping:underlay',
  'dataplane/followed-ping:captured',
  'dataplane/followed-ping:unanswered',
  'dataplane/followed-ping:predicted',
  'dataplane/followed-ping:too-large',
  'dataplane/followed-ping:vanished',
  'dataplane/lease-ping:lost',
  'dataplane/lease-ping:silent',
  'dataplane/lease-ping:bridge-silent',
  'dataplane/overlay-ping:lost',
  'dataplane/overlay-ping:containers-lost',
  'dataplane/overlay-ping:partly-lost',
  'dataplane/path-mtu:too-small',
  'dataplane/path-mtu:reduced',
  'dataplane/answer:from-host',
  'dataplane/connection:tcp-lost',
  'dataplane/connection:udp-lost',
  'dataplane/connection:tcp-stalled',
]

test('a code above a note without commands is known to have none', async (t) => {
  const healed = new Set((await found).filter(({ fixes }) => fixes.length > 0).map(({ code }) => code))
  const without = CHECKS.flatMap((check) =>
    Object.entries(check.findings as Record<string, (typeof check.findings)[string]>)
      .filter(([, kind]) => kind.severity !== 'info' && kind.heal === undefined)
      .map(([code]) => `${check.id}:${code}`),
  )
  t.deepEqual(
    without.filter((code) => !healed.has(code)),
    PROSE_ONLY,
  )
})
