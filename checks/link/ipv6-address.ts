// Before it uses an IPv6 address the kernel asks whether another machine on the link has it (RFC 4862, 5.4; Linux net/ipv6/addrconf.c,
// addrconf_dad_failure). Where one answers, the address stays in the list as "dadfailed", but nothing is sent from it or taken for it.
// flannel neither asks nor looks.
import type { Draft } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import { isInIpv6, printedIpv6 } from '../model/ipv6.ts'
import type { LinkAddress } from '../model/link.ts'
import { named } from '../model/named.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'

interface Duplicate {
  readonly found: LinkAddress
  readonly container?: string
}

/** Another host of the network that has the address; undefined where it is none of these. */
function holderOf(address: string, { hosts }: ClusterSnapshot, host: HostName): HostName | undefined {
  const others = [...hosts].filter(([name]) => name !== host)
  return others.find(([, { facts }]) => {
    const { addresses } = facts
    return (
      addresses.known &&
      addresses.value.some((one) => !one.isDuplicate && printedIpv6(one.address) === address)
    )
  })?.[0]
}

/** True of addresses that the overlay needs: those of the own subnet, and the public one. */
function isNeeded({ address }: LinkAddress, { ipv6, lease }: ExpectedHost): boolean {
  if (ipv6 === undefined) return false
  return isInIpv6(address, ipv6.subnet) || printedIpv6(address) === lease.ipv6?.publicIp
}

export const check = defineHostCheck({
  id: 'link/ipv6-address',
  title: 'IPv6 addresses that another machine has',
  backends: ['vxlan', 'host-gw'],
  needs: ['addresses', 'containers'],
  needsExpected: true,
  findings: {
    duplicate: {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: '{place} on {host} does not use its IPv6 address {observed}: {holder} on that link had it first (dadfailed)',
      fix: 'Take the address from one of the two machines. Then delete it here and add it again: the kernel asks once.',
      explains: [{ code: 'underlay/ipv6-route:missing', when: 'same-host' }],
    },
  },
  *evaluate({
    host,
    facts: { addresses, containers },
    expected,
    cluster: { snapshot },
  }): Generator<Draft<'duplicate'>> {
    const all: readonly Duplicate[] = [
      ...addresses.map((found) => ({ found })),
      ...containers.flatMap(({ name, addresses: own }) => own.map((found) => ({ found, container: name }))),
    ]
    for (const { found, container } of all) {
      if (!found.isDuplicate || !isNeeded(found, expected)) continue
      const address = printedIpv6(found.address) ?? found.address
      const holder = holderOf(address, snapshot, host) ?? 'another machine'
      const place = container === undefined ? `link ${found.link}` : `container ${container}`
      yield {
        code: 'duplicate',
        object: named('address', address),
        expected: 'no other machine has it',
        observed: address,
        data: { holder, place },
        prints: ['dadfailed'],
      }
    }
  },
})
