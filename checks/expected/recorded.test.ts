/** Expected against what real flanneld of four designs wrote: both ways, nothing missing and nothing more. */
import test from 'ava'
import { withoutVersion } from '../../fixtures/without-version.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { formatAddress, formatPrefix, type Prefix } from '../model/address.ts'
import type { ClusterSnapshot, HostFacts, HostName } from '../model/snapshot.ts'
import { type ExpectedHost, type ExpectedRule, isExpected } from './expected.ts'
import { expectedHost } from './expected-host.ts'

const HEALTHY = [
  ...['v0.6.2', 'v0.7.0', 'v0.10.0'].flatMap((version) =>
    ['vxlan', 'host-gw', 'udp'].map((backend) => `${version}-${backend}`),
  ),
  'v0.10.0-vxlan-docker',
]

function expected(cluster: ClusterSnapshot, host: HostName): ExpectedHost {
  const found = expectedHost(cluster, host)
  if (!isExpected(found)) throw new Error(`${host}: ${found.reason}`)
  return found
}

function facts(cluster: ClusterSnapshot, host: HostName): HostFacts {
  const values = Object.entries(cluster.hosts.get(host)?.facts ?? {}).flatMap(([name, fact]) =>
    fact.known ? [[name, fact.value]] : [],
  )
  return Object.fromEntries(values)
}

interface RouteShape {
  readonly destination: Prefix
  readonly gateway?: number
  readonly link?: string
  readonly onlink: boolean
}

function routeLine({ destination, gateway, link, onlink }: RouteShape): string {
  return `${formatPrefix(destination)} via ${gateway === undefined ? '-' : formatAddress(gateway)} dev ${link} ${onlink}`
}

/** Routes of table main inside the flannel network that no container bridge made. */
function flannelRoutes({ routes }: HostFacts, { config }: ExpectedHost): string[] {
  return routes
    .filter(({ table, type, link }) => table === 'main' && type === 'unicast' && link !== 'docker0')
    .filter(({ destination }) => (destination.address & 0xffff0000) >>> 0 === config.network.address)
    .map((route) => routeLine({ ...route, onlink: route.flags.includes('onlink') }))
    .sort()
}

function permanentNeighbours({ neighbours }: HostFacts): string[] {
  return neighbours
    .filter(({ link, states }) => link.startsWith('flannel') && states.includes('PERMANENT'))
    .map(({ address, link, mac }) => `${address} ${link} ${mac}`)
    .sort()
}

function vtepEntries({ fdb }: HostFacts): string[] {
  return fdb
    .filter(({ destination }) => destination !== undefined)
    .map(({ mac, link, destination }) => `${mac} ${link} ${destination}`)
    .sort()
}

/** iptables rules that name the network or flannel's chains, comments and --random-fully left out. */
function flannelRules({ iptables }: HostFacts): string[] {
  return iptables.rules
    .map(({ table, words }) => `${table} ${words.slice(1).join(' ')}`)
    .filter((line) => / 10\.2\.\S+|FLANNEL-/.test(line))
    .map((line) =>
      line.replace(/ -m comment --comment flanneld (masq|forward)/, '').replace(' --random-fully', ''),
    )
}

function ruleLine({ table, chain, words }: ExpectedRule): string {
  return `${table} ${chain} ${words.join(' ')}`
}

for (const name of HEALTHY) {
  test(`${name}: routes, neighbours and FDB entries are exactly the expected ones`, async (t) => {
    const cluster = await recordedCluster(name)
    t.is(cluster.hosts.size, name.endsWith('docker') ? 2 : 3)
    for (const host of cluster.hosts.keys()) {
      const state = expected(cluster, host)
      const seen = facts(cluster, host)
      t.is(state.identifiedBy, 'address')
      t.deepEqual(flannelRoutes(seen, state), state.routes.map(routeLine).sort())
      t.deepEqual(
        permanentNeighbours(seen),
        state.neighbours.map(({ address, link, mac }) => `${address} ${link} ${mac}`).sort(),
      )
      t.deepEqual(
        vtepEntries(seen),
        state.fdb.map(({ mac, link, destination }) => `${mac} ${link} ${destination}`).sort(),
      )
    }
  })

  test(`${name}: link, subnet.env and socket are the expected ones`, async (t) => {
    const cluster = await recordedCluster(name)
    for (const host of cluster.hosts.keys()) {
      const { link, subnetEnv, udpPort } = expected(cluster, host)
      const seen = facts(cluster, host)
      t.like(seen.subnetEnv, subnetEnv)
      if (udpPort !== undefined) t.true(seen.sockets.some(({ port }) => port === udpPort))
      if (!link) continue
      const { vxlan, address, ...shared } = link
      const observed = seen.links.find((one) => one.name === link.name)
      t.like(observed, shared)
      const own = seen.addresses.find((one) => one.link === link.name && one.family === 'inet')
      t.deepEqual(own?.prefix, address)
      if (!vxlan) continue
      const { local, ...attributes } = vxlan
      t.like(observed?.vxlan, attributes)
      t.true(local.includes(observed?.vxlan?.local ?? ''))
    }
  })

  test(`${name}: iptables holds exactly the expected rules in their order`, async (t) => {
    const cluster = await recordedCluster(name)
    for (const host of cluster.hosts.keys()) {
      const { forwardRules, masqueradeRules } = expected(cluster, host)
      const rules = [...(forwardRules ?? []), ...(masqueradeRules ?? [])]
      t.deepEqual(flannelRules(facts(cluster, host)), rules.map(ruleLine))
    }
  })

  test(`${name}: what was left behind tells the same state when the version is unknown`, async (t) => {
    const cluster = await recordedCluster(name)
    const stripped = withoutVersion(cluster)
    for (const host of cluster.hosts.keys()) {
      const { routes, neighbours, fdb, link, generation } = expected(stripped, host)
      t.true(generation.inferred)
      const known = expected(cluster, host)
      t.deepEqual(
        { routes, neighbours, fdb, link },
        { routes: known.routes, neighbours: known.neighbours, fdb: known.fdb, link: known.link },
      )
    }
  })
}

test('v0.20.0 missed one lease: exactly its route, neighbour and FDB entry are not there', async (t) => {
  const cluster = await recordedCluster('v0.20.0-vxlan-missed-lease')
  const missing = [...cluster.hosts.keys()].flatMap((host) => {
    const state = expected(cluster, host)
    const seen = facts(cluster, host)
    const routes = new Set(flannelRoutes(seen, state))
    const entries = new Set([...permanentNeighbours(seen), ...vtepEntries(seen)])
    return [
      ...state.routes
        .filter((one) => !routes.has(routeLine(one)))
        .map(({ peer }) => `${host} route ${peer?.name}`),
      ...state.neighbours
        .filter(({ address, link, mac }) => !entries.has(`${address} ${link} ${mac}`))
        .map(({ peer }) => `${host} neighbour ${peer.name}`),
      ...state.fdb
        .filter(({ mac, link, destination }) => !entries.has(`${mac} ${link} ${destination}`))
        .map(({ peer }) => `${host} fdb ${peer.name}`),
    ]
  })
  t.deepEqual(missing, ['h1 route h3', 'h1 neighbour h3', 'h1 fdb h3'])
})

test('the rules of v0.20.0 stand in chains of their own', async (t) => {
  const cluster = await recordedCluster('v0.20.0-vxlan-missed-lease')
  const { forwardRules, masqueradeRules } = expected(cluster, 'h1')
  const rules = [...(forwardRules ?? []), ...(masqueradeRules ?? [])]
  t.is(rules.length, 8)
  t.deepEqual(flannelRules(facts(cluster, 'h1')), rules.map(ruleLine))
})
