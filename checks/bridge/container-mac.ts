/**
 * A bridge learns behind which port a MAC is from the frames that come in by it (Linux `net/bridge/br_fdb.c`,
 * `br_fdb_update`): where two containers have one MAC, frames for both go to the one that spoke last. Docker makes a
 * MAC of the address, so that only one given by hand (`--mac-address`), or by a copy of a container, is held twice.
 */
import { defineHostCheck } from '../define.ts'
import { subnetBridge } from '../expected/bridge-link.ts'
import { type Attachment, attachedTo, attachments, namespaceOf } from '../expected/bridge-port.ts'
import { run } from '../heal/steps.ts'
import { maskPrefix } from '../model/address.ts'
import { named } from '../model/named.ts'
import { present } from '../model/present.ts'

/** Who has a MAC, and its link on the host: the port of a container, or the bridge, which takes up what is for its own. */
interface Holder {
  readonly name: string
  readonly index: number
}

/** A locally administered MAC that no other port's container is given. */
function freeMac({ index }: Attachment['port']): string {
  const octets = [24, 16, 8, 0].map((shift) => ((index >>> shift) & 0xff).toString(16).padStart(2, '0'))
  return ['0a', 'fd', ...octets].join(':')
}

export const check = defineHostCheck({
  id: 'bridge/container-mac',
  title: 'MACs of containers',
  backends: 'any',
  needs: ['links', 'addresses', 'containers', 'docker'],
  needsExpected: true,
  findings: {
    shared: {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: '{other} and container {container} on {host} have one MAC, {observed}: {bridge} sends the frames for both to the one that spoke last',
      fix: 'Create one of them again without `--mac-address`, or give it another MAC in its namespace.',
      heal: [
        run(
          'nsenter --net={namespace} ip link set {inner} address {free}',
          'each container has a MAC of its own',
          'nsenter --net={namespace} ip link set {inner} address {observed}',
        ),
        run('ip neigh del {address} dev {bridge}', 'the host asks for it again'),
      ],
      explains: [{ code: 'path/neighbour:*', when: 'same-host' }],
    },
  },
  *evaluate({ facts: { links, addresses, containers, docker }, expected }) {
    const bridge = subnetBridge({ links, addresses, docker, subnet: maskPrefix(expected.lease.subnet) })
    if (bridge === undefined) return
    const { name, mac, index } = bridge
    const holders = new Map<string, Holder>(mac === undefined ? [] : [[mac, { name, index }]])
    for (const attachment of attachedTo(bridge, attachments(links, containers))) {
      const { container, link, port, addresses: held } = attachment
      if (link.mac === undefined) continue
      const address = held[0]?.address
      const own = { name: `container ${container.name}`, index: port.index }
      const first = holders.get(link.mac) ?? own
      holders.set(link.mac, first)
      // One container that was found twice has one port.
      if (first.index === port.index) continue
      yield {
        code: 'shared',
        object: named('container', container.name),
        observed: link.mac,
        data: {
          container: container.name,
          other: first.name,
          bridge: bridge.name,
          inner: link.name,
          free: freeMac(port),
          ...present({ address }),
          ...namespaceOf(container),
        },
      }
    }
  },
})
