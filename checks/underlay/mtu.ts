// flannel takes the MTU of the overlay from the host's own external link (`pkg/backend/vxlan/vxlan_network.go`,
// `MTU`); hosts do not tell each other. A host with a larger one sends what the others' links cannot carry whole:
// fragments at best. The udp backend reads into a buffer of its own MTU and cuts off the rest
// (`pkg/backend/udp/proxy_amd64.c`).
import { defineClusterCheck } from '../define.ts'
import { restartFix } from '../heal/restart-daemon.ts'
import type { Fix } from '../heal-step.ts'
import { present } from '../model/present.ts'
import { fillCommand } from '../model/shell-words.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'

type Sizes = ReadonlyMap<HostName, number>
type Links = ReadonlyMap<HostName, { readonly name: string; readonly mtu: number }>

/** `1450 on h1, h2; 8950 on h3`. */
function sizesText(sizes: Sizes): string {
  const groups = Map.groupBy(sizes, ([, mtu]) => mtu)
  return [...groups].map(([mtu, hosts]) => `${mtu} on ${hosts.map(([host]) => host).join(', ')}`).join('; ')
}

function differ(sizes: Sizes): boolean {
  return new Set(sizes.values()).size > 1
}

/** The MTU that most hosts have, the smaller of two. */
function usual(sizes: readonly number[]): number {
  const groups = [...Map.groupBy(sizes, (mtu) => mtu)]
  return groups.toSorted(([a, of], [b, as]) => as.length - of.length || a - b)[0]?.[0] ?? 0
}

/** The external links of the hosts that differ get the MTU of the others, and flanneld and Docker read it. */
function evenFixes(external: Links, snapshot: ClusterSnapshot): readonly Fix[] {
  const wanted = usual([...external.values()].map(({ mtu }) => mtu))
  return [...external].flatMap(([name, { mtu, name: link }]) => {
    const host = snapshot.hosts.get(name)
    const [command, undo] = [wanted, mtu].map((size) =>
      fillCommand('ip link set {link} mtu {size}', { link, size }),
    )
    if (mtu === wanted || host === undefined || command === undefined) return []
    const effect = 'the link has the MTU of the others'
    return [
      { host: name, command, effect, restartProof: false, ...present({ undo }) },
      ...restartFix(host, { restart: 'flanneld' }, { values: {}, snapshot }),
      ...restartFix(host, { restart: 'docker' }, { values: {}, snapshot }),
    ]
  })
}

export const check = defineClusterCheck({
  id: 'underlay/mtu',
  title: 'MTU of the hosts',
  backends: ['vxlan', 'host-gw', 'udp'],
  needs: ['links'],
  findings: {
    'differs-between-hosts': {
      severity: 'info',
      confidence: 'certain',
      says: 'the external links have different MTUs: {observed}; large packets between these hosts are fragmented or dropped',
      fix: 'Give all external links one MTU, or set Backend.MTU (v0.21.3 and later) to the smallest.',
    },
    truncates: {
      severity: 'warning',
      confidence: 'certain',
      says: 'the tun links of the udp backend have different MTUs: {observed}; a host cuts off what is longer than its own',
      fix: 'Give all external links one MTU, restart flanneld and then Docker on the hosts that differ.',
      explains: [{ code: 'underlay/mtu:differs-between-hosts', when: 'anywhere' }],
    },
  },
  *evaluate({ hosts, cluster: { snapshot } }) {
    const links = new Map<HostName, { name: string; mtu: number }>()
    const tun = new Map<HostName, number>()
    for (const [host, { facts, expected }] of hosts) {
      if (expected?.externalLink) links.set(host, expected.externalLink)
      const own = expected?.link?.kind === 'tun' ? expected.link.name : undefined
      const link = facts.links.find(({ name }) => name === own)
      if (link) tun.set(host, link.mtu)
    }
    const object = 'MTU'
    const external = new Map([...links].map(([host, { mtu }]) => [host, mtu]))
    if (differ(tun)) {
      const fixes = evenFixes(links, snapshot)
      yield { code: 'truncates', object, expected: 'one MTU', observed: sizesText(tun), fixes }
    }
    if (differ(external)) {
      yield { code: 'differs-between-hosts', object, expected: 'one MTU', observed: sizesText(external) }
    }
  },
})
