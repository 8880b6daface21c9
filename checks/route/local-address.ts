// Table local is asked before main: a packet for an address that the host itself holds never reaches the bridge
// (Linux net/ipv4/fib_rules.c). kube-ipvs0, keepalived or a leftover address on lo can hold the address of a
// container; pings are then answered by the host, everything else vanishes in INPUT. flannel does not look.

import { defineHostCheck } from '../define.ts'
import { run } from '../heal/steps.ts'
import type { Container } from '../model/container-bridge.ts'
import type { LinkAddress } from '../model/link.ts'
import { named } from '../model/named.ts'

const key = ({ link, address }: LinkAddress): string => `${link} ${address}`

/** A container without a network namespace of its own shows the addresses of its host. */
function sharesHost({ addresses }: Container, onHost: ReadonlySet<string>): boolean {
  return addresses.some((address) => onHost.has(key(address)))
}

export const check = defineHostCheck({
  id: 'route/local-address',
  title: 'Container addresses held by the host',
  backends: 'any',
  needs: ['addresses', 'containers'],
  needsExpected: false,
  findings: {
    captured: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'address {observed} of container {container} is also an address of {host} itself, on {link}: packets for the container end at the host',
      fix: 'Remove it: `ip addr del {observed}/{length} dev {link}`, and find what adds it (a service range or virtual address inside the flannel network).',
      heal: [
        run(
          'ip addr del {observed}/{length} dev {link}',
          'the address belongs to the container alone',
          'ip addr add {observed}/{length} dev {link}',
        ),
      ],
    },
  },
  *evaluate({ facts: { addresses, containers } }) {
    const onHost = new Set(addresses.map(key))
    const byAddress = new Map(addresses.map((one) => [one.address, one]))
    for (const container of containers) {
      if (sharesHost(container, onHost)) continue
      for (const { address, family, scope } of container.addresses) {
        const own = family === 'inet' && scope !== 'host' ? byAddress.get(address) : undefined
        if (own === undefined) continue
        const data = { container: container.name, link: own.link, length: own.length }
        yield { code: 'captured', object: named('container', container.name), observed: address, data }
      }
    }
  },
})
