// flannel's manifest asks for hairpinMode since v0.10.0, and the bridge plugin sets it on each port it makes
// (containernetworking/plugins `plugins/main/bridge`, `setupVeth`). Without it the bridge sends no frame back by the port
// it came from: a pod that is its own Service's backend does not reach itself.
import { defineHostCheck } from '../define.ts'
import { subnetBridge } from '../expected/bridge-link.ts'
import { run } from '../heal/steps.ts'
import { maskPrefix } from '../model/address.ts'
import { type Cni, chosenConfig } from '../model/cni.ts'
import { named } from '../model/named.ts'

function asksForIt(cni: Cni): boolean {
  const plugins = chosenConfig(cni)?.plugins ?? []
  return plugins.some(({ type, delegate }) => type === 'flannel' && delegate?.hairpinMode === true)
}

export const check = defineHostCheck({
  id: 'cni/hairpin',
  title: 'Hairpin mode of the ports of pods',
  backends: 'any',
  needs: ['kubernetes', 'cni', 'links', 'addresses'],
  needsExpected: true,
  findings: {
    off: {
      severity: 'warning',
      confidence: 'certain',
      says: 'port {port} of {bridge} on {host} has hairpin mode off, which the CNI configuration asks for: its pod does not reach itself by its Service',
      fix: '`bridge link set dev {port} hairpin on` on {host}, or create the pod again.',
      heal: [
        run(
          'bridge link set dev {port} hairpin on',
          'the pod reaches itself',
          'bridge link set dev {port} hairpin off',
        ),
      ],
    },
  },
  *evaluate({ facts: { cni, links, addresses }, expected }) {
    if (!asksForIt(cni)) return
    const bridge = subnetBridge({ links, addresses, subnet: maskPrefix(expected.lease.subnet) })
    if (bridge === undefined) return
    // A bridge that hears everything answers itself (kubelet's promiscuous-bridge).
    if (bridge.flags.includes('PROMISC')) return
    for (const { name, master, bridgePort } of links) {
      if (master !== bridge.name || bridgePort?.hairpin !== false) continue
      yield {
        code: 'off',
        object: named('link', name),
        expected: 'hairpin on',
        observed: 'hairpin off',
        data: { port: name, bridge: bridge.name },
      }
    }
  },
})
