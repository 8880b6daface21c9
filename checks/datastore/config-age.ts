// flanneld reads the configuration once, at its start, and never watches it (`pkg/subnet/etcd/local_manager.go`,
// `GetNetworkConfig`, called from `main.go`). After an edit of VNI or Port every host goes on with the old value
// and the network works, until the first flanneld restarts with the new one and no longer finds the others.
import type { Explains } from '../check.ts'
import { defineClusterCheck } from '../define.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import { knownValue } from '../expected/observed-host.ts'
import { configEdit } from '../heal/config-edit.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import { networkAddress } from '../model/address.ts'
import type { Lease } from '../model/lease.ts'
import type { Link, VxlanAttributes } from '../model/link.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import type { Route } from '../model/route.ts'
import type { HostName, HostSnapshot } from '../model/snapshot.ts'

const OLD_STATE: readonly Explains[] = [
  'link/*',
  'tunnel/*',
  'lease/peer:*',
  'route/peer-subnet:*',
  'route/network:*',
  'route/stale-subnet:*',
  'route/shadowed:*',
  'neighbour/*',
  'fdb/*',
  'netfilter/overlay-port:*',
].map((code): Explains => ({ code, when: 'anywhere' }))

/** The host's VTEP under whatever VNI: flannel names its link after the VNI. */
function vtep(links: readonly Link[]): VxlanAttributes | undefined {
  const own = links.filter(({ name, vxlan }) => vxlan !== undefined && name === `flannel.${vxlan.vni}`)
  return own.length === 1 ? own[0]?.vxlan : undefined
}

/** What follows from an MTU that flanneld has not read. */
const OF_OLD_MTU = [
  'subnet-env/mtu:*',
  'bridge/mtu:*',
  'bridge/container-mtu:*',
  'bridge/docker-options:mtu-differs',
]

/** flanneld reads the configuration, and then writes its lease at every start: the write is the later of the two. */
function isOlder({ revision }: Lease, config: NetworkConfig): boolean {
  return config.revision !== undefined && revision < config.revision
}

/** True where it sends to its neighbours directly, false where by its flannel link; undefined where no route tells. */
function routesDirectly(expected: ExpectedHost, own: readonly Route[]): boolean | undefined {
  const { routes, link, externalLink, config } = expected
  const ofNeighbours = routes.filter(({ peer }) => !config.directRouting || peer?.direct === true)
  const wanted = new Set(ofNeighbours.map(({ destination }) => networkAddress(destination)))
  const to = own.find(
    ({ destination, gateway }) => gateway !== undefined && wanted.has(networkAddress(destination)),
  )
  if (to?.link === undefined) return undefined
  return to.link === link?.name ? false : to.link === externalLink?.name || undefined
}

/** Settings of the configuration that the host shows not to have read. */
function* notRead(host: HostName, expected: ExpectedHost, { subnetEnv, routes }: HostSnapshot['facts']) {
  const { mtu, directRouting } = expected.config
  const env = knownValue(subnetEnv)?.mtu
  const wanted = expected.subnetEnv.mtu
  const place = { code: 'not-read', host } as const
  if (mtu !== undefined && env !== undefined && wanted !== undefined && env !== wanted) {
    const observed = `FLANNEL_MTU=${env}`
    const evidence = [{ source: subnetEnv.from, excerpt: observed }]
    yield { ...place, object: 'MTU', expected: `${mtu}`, observed, evidence }
  }
  const runs = routesDirectly(expected, knownValue(routes) ?? [])
  if (runs === undefined || runs === directRouting) return
  const observed = runs ? 'routes without encapsulation' : 'routes by its flannel link'
  const evidence = [{ source: routes.from, excerpt: observed, derived: true }]
  yield { ...place, object: 'DirectRouting', expected: `${directRouting}`, observed, evidence }
}

interface Setting {
  readonly name: 'VNI' | 'Port'
  readonly configured: number
  readonly running: readonly number[]
}

function settings(config: NetworkConfig, vteps: readonly VxlanAttributes[]): readonly Setting[] {
  return [
    { name: 'VNI', configured: config.vni, running: vteps.map(({ vni }) => vni) },
    { name: 'Port', configured: config.port, running: vteps.map(({ port }) => port) },
  ]
}

export const check = defineClusterCheck({
  id: 'datastore/config-age',
  title: 'Configuration since the hosts started',
  backends: ['vxlan'],
  needs: ['config', 'links'],
  findings: {
    'changed-since-start': {
      severity: 'warning',
      hostsKeepFormer: true,
      confidence: 'likely',
      says: '{object} is {expected} in the configuration, but {observed} on every host ({count}): it was changed and no flanneld was restarted; the first one that restarts leaves the network',
      fix: 'Restart flanneld on every host in one go, then Docker where FLANNEL_SUBNET changed; or put the old value back.',
      explains: OLD_STATE,
    },
    'not-read': {
      severity: 'warning',
      confidence: 'likely',
      says: '{object} is {expected} in the configuration, which was written after {host} had its lease: its flanneld still goes by {observed}',
      fix: 'Restart flanneld on {host} (for MTU after `ip link del` of its vxlan link), then Docker where FLANNEL_SUBNET or FLANNEL_MTU changed; or put the old value back.',
      heal: [RESTART_FLANNELD],
      explains: [...OLD_STATE.map(({ code }) => code), ...OF_OLD_MTU].map((code) => ({
        code,
        when: 'same-host',
      })),
    },
  },
  *evaluate({ facts: { config }, hosts, cluster: { snapshot } }) {
    for (const [host, { expected }] of hosts) {
      const facts = snapshot.hosts.get(host)?.facts
      if (expected !== undefined && facts !== undefined && isOlder(expected.lease, config))
        yield* notRead(host, expected, facts)
    }
    const vteps = [...hosts.values()].flatMap(({ facts }) => vtep(facts.links) ?? [])
    // One host alone may be the one that was left behind.
    if (vteps.length < 2) return
    for (const { name, configured, running } of settings(config, vteps)) {
      const [value] = running
      if (value === configured || running.some((one) => one !== value)) continue
      const { heal, data: edit } = configEdit(
        snapshot,
        { backend: { [name]: value } },
        'the configuration says again what all hosts run',
      )
      const data = { ...edit, count: vteps.length }
      yield {
        code: 'changed-since-start',
        heal,
        object: name,
        expected: `${configured}`,
        observed: `${value}`,
        data,
      }
    }
  },
})
