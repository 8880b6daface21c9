// A route may carry an MTU of its own (`ip route … mtu N`): the kernel takes nothing larger that way, whatever the link
// carries (Linux net/ipv4/route.c, ip_dst_mtu_maybe_forward). flannel sets none and reads only the link's MTU
// (`pkg/backend/vxlan/vxlan_network.go`, `MTU`), so FLANNEL_MTU promises containers more than such a route takes.
import type { Draft } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { encapsulationBytes } from '../expected/backend.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import { routeLookup } from '../expected/route-lookup.ts'
import { run } from '../heal/steps.ts'
import { networkAddress } from '../model/address.ts'
import type { Route } from '../model/route.ts'
import { routeText } from '../trace/text/route-text.ts'

type Code = 'smaller-than-underlay' | 'smaller-than-overlay'

interface Way {
  readonly peer: string
  readonly route: Route | undefined
  /** What packets of the size that subnet.env promises need on this way. */
  readonly needed: number
  readonly code: Code
}

/** The ways of one peer: of its outer packets, and of the containers' own. */
function waysTo(
  expected: ExpectedHost,
  {
    peer,
    mtu,
    lookup,
  }: { peer: ExpectedHost['peers'][number]; mtu: number; lookup: (address: number) => Route | undefined },
): readonly Way[] {
  const { publicIp, subnet } = peer.lease
  const isWrapped = !peer.direct && encapsulationBytes(expected.config) > 0
  const outer = {
    route: lookup(publicIp),
    needed: mtu + encapsulationBytes(expected.config),
    code: 'smaller-than-underlay',
  } as const
  const inner = {
    route: lookup(networkAddress(subnet) + 1),
    needed: mtu,
    code: 'smaller-than-overlay',
  } as const
  return [...(isWrapped ? [outer] : []), inner].map((way) => ({ peer: peer.name, ...way }))
}

function draftOf({ code, peer, route, needed }: Way, reserve: number): Draft<Code> | undefined {
  if (route?.mtu === undefined || route.mtu >= needed) return undefined
  return {
    code,
    peer,
    object: `route ${routeText(route)}`,
    expected: `mtu ${needed}`,
    observed: `mtu ${route.mtu}`,
    data: {
      needed,
      mtu: route.mtu,
      largest: route.mtu - (code === 'smaller-than-underlay' ? reserve : 0),
      route: routeText(route),
      words: `${routeText(route)}${route.flags.includes('onlink') ? ' onlink' : ''}`,
    },
  }
}

const WITHOUT_MTU = run(
  'ip route replace {words...}',
  'the route takes what its link takes',
  'ip route replace {words...} mtu {mtu}',
)

export const check = defineHostCheck({
  id: 'route/mtu',
  title: 'MTU of the routes to peers',
  backends: ['vxlan', 'host-gw', 'udp'],
  needs: ['routes', 'subnetEnv'],
  needsExpected: true,
  findings: {
    'smaller-than-underlay': {
      severity: 'warning',
      confidence: 'certain',
      says: 'the route of {host} to the public IP of {peer} takes packets of {mtu} bytes, FLANNEL_MTU needs {needed} there: large packets between their containers are refused or fragmented',
      fix: 'Take the mtu off the route where nothing behind it is smaller, and from what sets it (`ip route show`, netplan, ifcfg); otherwise give the network an MTU whose FLANNEL_MTU is at most {largest}, restart flanneld, then Docker.',
      heal: [WITHOUT_MTU],
      explains: [{ code: 'dataplane/path-mtu:*', when: 'same-pair' }],
    },
    'smaller-than-overlay': {
      severity: 'warning',
      confidence: 'certain',
      says: 'the route of {host} to the subnet of {peer} takes packets of {mtu} bytes, FLANNEL_MTU promises {needed}: larger ones are refused',
      fix: 'Take the mtu off the route on {host} and find out what set it; flanneld writes the route without one when it starts.',
      heal: [WITHOUT_MTU],
      explains: [{ code: 'dataplane/path-mtu:*', when: 'same-pair' }],
    },
  },
  *evaluate({ facts: { routes, subnetEnv }, expected }) {
    const { mtu } = subnetEnv
    if (mtu === undefined) return yield { unsure: 'subnet.env says no FLANNEL_MTU' }
    if (routes.every((route) => route.mtu === undefined)) return undefined
    const lookup = routeLookup(routes)
    for (const peer of expected.peers) {
      const drafts = waysTo(expected, { peer, mtu, lookup }).flatMap(
        (way) => draftOf(way, encapsulationBytes(expected.config)) ?? [],
      )
      yield* drafts.slice(0, 1)
    }
  },
})
