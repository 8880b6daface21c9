import test from 'ava'
import { buildCluster, withConfig, withHost, withoutFact } from '../../fixtures/build.ts'
import { absent } from '../../fixtures/build-fact.ts'
import { containerAddress, withSecondContainer } from '../../fixtures/containers-for-tests.ts'
import { lost, withPings } from '../../fixtures/observations-for-tests.ts'
import { evaluate } from '../evaluate.ts'
import type { Container } from '../model/container-bridge.ts'
import type { ClusterSnapshot, HostFacts } from '../model/snapshot.ts'
import { CHECKS } from '../registry.ts'
import type { FollowedPing } from './scope.ts'
import { type Judgement, judgementOf } from './verdict.ts'

const ALL = { only: [], skip: [] }
const healthy = buildCluster({ hosts: 3, backend: 'vxlan' })
const DELIVERED: FollowedPing = {
  between: 'h1/h1c1 to h2/h2c1',
  sent: 2,
  isDelivered: true,
  isOversize: false,
}

function judged(snapshot: ClusterSnapshot, followed: readonly FollowedPing[] = []): Judgement {
  const checks = CHECKS.filter(({ observes }) => snapshot.observations !== undefined || !observes)
  const results = evaluate(snapshot, checks, snapshot.window.to)
  return judgementOf({ snapshot, results, selection: ALL, followed })
}

const withoutRoute = withHost(healthy, 'h1', ({ routes }) => ({
  routes: routes.filter(({ destination }) => destination.address !== 0x0a020200),
}))
const flanneldGone = withHost(healthy, 'h1', () => ({ flanneld: { processes: [] } }))

test('healthy, and without probes the scope says so', (t) => {
  const { verdict, scope } = judged(healthy)
  t.is(verdict, 'healthy')
  t.deepEqual(scope.says, ['without probes'])
  t.deepEqual(scope.leases, { lookedAt: 3, all: 3 })
  t.deepEqual(judged(withPings(healthy)).scope.says, [])
})

test('a finding that loses packets is broken, one that only will is at risk', (t) => {
  t.is(judged(withoutRoute).verdict, 'broken')
  t.is(judged(flanneldGone).verdict, 'at-risk')
})

test('with udp flanneld itself carries the packets: without it they are lost', (t) => {
  const udp = withHost(buildCluster({ hosts: 3, backend: 'udp' }), 'h1', () => ({
    flanneld: { processes: [] },
  }))
  t.is(judged(udp).verdict, 'broken')
})

test('answered pings of the pair refute a loss, those of another pair do not', (t) => {
  t.is(judged(withPings(withoutRoute)).verdict, 'at-risk')
  const others = withPings(withoutRoute)
  const kept = others.observations?.filter(
    (one) => one.kind !== 'ping' || one.from.host === 'h3' || one.to.host === 'h3',
  )
  t.is(judged({ ...others, observations: kept ?? [] }).verdict, 'broken')
})

test('what is lost of one container is refuted by pings of that one alone', (t) => {
  const quiet = withSecondContainer(healthy, {
    addresses: [containerAddress('10.2.1.3', { address: 0x0a020103, length: 24 })],
  })
  const bridgePort = { state: 'forwarding', learning: false, flood: false, isolated: false, locked: false }
  const portDown = withHost(quiet, 'h1', ({ links }) => ({
    links: links.map((link) => (link.name === 'vc2' ? { ...link, bridgePort } : link)),
  }))
  const pinged = withPings(portDown)
  const ofFirst = pinged.observations?.filter(
    (one) => one.kind !== 'ping' || (one.from.container !== 'h1c2' && one.to.container !== 'h1c2'),
  )
  t.is(judged(portDown).verdict, 'broken')
  t.is(judged({ ...portDown, observations: ofFirst ?? [] }).verdict, 'broken')
})

test('one unanswered ping of the pair is enough, however small the packet', (t) => {
  const some = withPings(withoutRoute, (ping) =>
    ping.pattern === 'cc' && ping.from.host === 'h1' && ping.to.host === 'h2' && ping.full
      ? lost(ping)
      : ping,
  )
  t.is(judged(some).verdict, 'broken')
})

test('a ping between hosts says nothing about their containers', (t) => {
  const forwarding = withHost(healthy, 'h1', ({ sysctls }) => ({
    sysctls: new Map(sysctls).set('net.ipv4.ip_forward', '0'),
  }))
  const pings = withPings(forwarding)
  const ofHosts = pings.observations?.filter((one) => one.kind !== 'ping' || one.pattern === 'hd')
  t.is(judged({ ...pings, observations: ofHosts ?? [] }).verdict, 'broken')
})

test('a followed ping that arrived is never broken, one that was lost always', (t) => {
  t.is(judged(withoutRoute, [DELIVERED]).verdict, 'at-risk')
  t.is(judged(healthy, [{ ...DELIVERED, isDelivered: false }]).verdict, 'broken')
  t.deepEqual(judged(healthy, [DELIVERED, DELIVERED]).scope.says, ['one packet followed'])
})

test('a ping larger than its own ends take is no fault of the network, one that was not sent decides nothing', (t) => {
  t.is(judged(healthy, [{ ...DELIVERED, isDelivered: false, isOversize: true }]).verdict, 'healthy')
  t.is(judged(healthy, [{ ...DELIVERED, isDelivered: false, sent: 0 }]).verdict, 'undecided')
})

test('what could not be judged is undecided, and a finding goes before doubt', (t) => {
  const blind = withoutFact(healthy, 'h1', { name: 'fdb' })
  t.is(judged(blind).verdict, 'undecided')
  t.false(judged(blind).scope.complete)
  t.is(judged(withoutFact(flanneldGone, 'h1', { name: 'fdb' })).verdict, 'at-risk')
})

test('hosts that were not looked at are in the scope', (t) => {
  const one: ClusterSnapshot = { ...healthy, hosts: new Map([...healthy.hosts].slice(0, 1)), complete: false }
  t.deepEqual(judged(one).scope.says, ['1 of 3 leased hosts looked at', 'without probes'])
  const unreachable = new Map(healthy.hosts)
  const [h1] = [...healthy.hosts.values()]
  if (h1) unreachable.set('h1', { ...h1, unreachable: 'no route to host' })
  t.is(judged({ ...healthy, hosts: unreachable }).scope.says[0], '2 of 3 hosts reached')
})

test('no host at all is undecided and says what to do', (t) => {
  const { verdict, advice } = judged({ ...healthy, hosts: new Map() })
  t.is(verdict, 'undecided')
  t.regex(advice.join(), /no host was looked at: name some/)
  const leases = absent('flanneld', 'h1', { why: 'unreachable' })
  const unread = judged({ ...healthy, hosts: new Map(), datastore: { ...healthy.datastore, leases } })
  t.regex(unread.advice.join(), /could not be read; say where they are by --etcd/)
})

test('a configuration changed under running hosts loses nothing yet', (t) => {
  t.is(judged(withConfig(healthy, { vni: 7 })).verdict, 'at-risk')
})

const BARE: Partial<HostFacts> = { flanneld: { processes: [] }, links: [], services: new Map() }

function bare(cluster: ClusterSnapshot): ClusterSnapshot {
  let bared = cluster
  for (const host of cluster.hosts.keys()) {
    bared = withHost(bared, host, () => BARE)
    bared = withoutFact(bared, host, { name: 'subnetEnv', why: 'missing' })
  }
  return bared
}

test('who enters nodes by kubectl and does not see into pods is told how', (t) => {
  const unseen: Container = {
    name: 'netns-1',
    foundBy: 'proc',
    links: [],
    addresses: [],
    problem: 'no process',
  }
  const hidden = (via: string): ClusterSnapshot => {
    const cluster = withHost(healthy, 'h1', () => ({ containers: [unseen] }))
    const hosts = [...cluster.hosts].map(([name, host]) => [name, { ...host, via }] as const)
    return { ...cluster, hosts: new Map(hosts) }
  }
  t.regex(
    judged(hidden('kubectl://h1')).advice.join(),
    /kubectl apply -k runners\/kubernetes-manifests\/entry/,
  )
  t.deepEqual(judged(hidden('ssh://h1')).advice, [])
  t.deepEqual(judged(healthy).advice, [])
})

test('a machine without flannel is no broken flannel', (t) => {
  const config = absent('config', '', { why: 'unreachable', detail: 'no etcd endpoint answered' })
  const leases = absent('leases', '', { why: 'unreachable', detail: 'no etcd endpoint answered' })
  const nothing = { ...bare(healthy), datastore: { ...healthy.datastore, config, leases } }
  const { verdict, advice } = judged(nothing)
  t.is(verdict, 'no-flannel')
  t.regex(advice.join('\n'), /no etcd endpoint answered\n.*--host.*\n.*--etcd URL/)
  const detail = 'kubeconfig /x is no YAML at line 2'
  const unread = (fact: 'config' | 'leases' | 'kubernetes') => absent(fact, '', { why: 'unparsable', detail })
  const facts = { config: unread('config'), leases: unread('leases'), kubernetes: unread('kubernetes') }
  const cluster = judged({ ...nothing, datastore: { ...nothing.datastore, ...facts } })
  t.is(cluster.verdict, 'no-flannel', 'a kubeconfig that cannot be read tells of no network')
  t.regex(cluster.advice.join('\n'), /Kubernetes: kubeconfig .*\n.*kubectl:\/\/NODE.*\n.*--kubeconfig FILE/)
  t.not(
    judged(bare(healthy)).verdict,
    'no-flannel',
    'leases name a network of which these hosts have nothing left',
  )
  t.not(
    judged(withoutFact(nothing, 'h2', { name: 'flanneld' })).verdict,
    'no-flannel',
    'h2 could not be read',
  )
  const hosts = new Map(nothing.hosts)
  const [h1] = hosts.values()
  if (h1) hosts.set('h1', { ...h1, unreachable: 'no route to host' })
  const beside = judged({ ...nothing, hosts })
  t.is(beside.verdict, 'undecided', 'a host that was not reached may have all of it')
  t.regex(beside.advice.join(), /no subnet\.env on h2, h3;/)
})
