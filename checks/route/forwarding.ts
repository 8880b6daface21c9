// Packets between the flannel link and the container bridge are forwarded by the kernel, which does
// so only with net.ipv4.ip_forward=1. flanneld does not set it; Docker does at its start, unless told
// not to. Writing it also sets conf.*.forwarding of every link (Linux net/ipv4/devinet.c,
// inet_forward_change).

import { defineHostCheck } from '../define.ts'
import { keep, run } from '../heal/steps.ts'
import { named } from '../model/named.ts'
import type { HostSnapshot } from '../model/snapshot.ts'

const NAME = 'net.ipv4.ip_forward'

/** A machine without flanneld and without subnet.env owes nobody forwarding. */
function hasFlannel(host: HostSnapshot | undefined): boolean {
  const { flanneld, subnetEnv } = host?.facts ?? {}
  const runs = flanneld?.known === true && flanneld.value.processes.length > 0
  return runs || subnetEnv?.known === true
}

export const check = defineHostCheck({
  id: 'route/forwarding',
  title: 'IPv4 forwarding',
  backends: 'any',
  needs: ['sysctls'],
  needsExpected: false,
  findings: {
    disabled: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} does not forward IPv4 packets: its own addresses answer, its containers get and send nothing',
      fix: 'Run `sysctl -w net.ipv4.ip_forward=1` on {host} and write it to a file in /etc/sysctl.d, so that it holds before Docker starts.',
      heal: [
        run('sysctl -w net.ipv4.ip_forward=1', 'the host forwards', 'sysctl -w net.ipv4.ip_forward=0'),
        keep(
          "printf 'net.ipv4.ip_forward = 1\\n' > /etc/sysctl.d/90-flannel-forwarding.conf",
          'it forwards after the next boot too',
          'rm /etc/sysctl.d/90-flannel-forwarding.conf',
        ),
      ],
      explains: [{ code: 'route/link-forwarding:disabled', when: 'same-host' }],
    },
  },
  *evaluate({ facts, host, cluster }) {
    const value = facts.sysctls.get(NAME)
    if (value === undefined) return yield { unsure: `${NAME} was not read` }
    if (value !== '0') return
    if (!hasFlannel(cluster.snapshot.hosts.get(host)))
      return yield { unsure: 'no sign of flannel on this host' }
    yield { code: 'disabled', object: named('sysctl', NAME), expected: '1', observed: value }
  },
})
