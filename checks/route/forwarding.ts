// Packets between the flannel link and the container bridge are forwarded by the kernel, which does
// so only with net.ipv4.ip_forward=1. flanneld does not set it; Docker does at its start, unless told
// not to. Writing it also sets conf.*.forwarding of every link (Linux net/ipv4/devinet.c,
// inet_forward_change).
import { defineHostCheck } from '../define.ts'

const NAME = 'net.ipv4.ip_forward'

export const check = defineHostCheck({
  id: 'route/forwarding',
  title: 'IPv4 forwarding',
  backends: 'any',
  needs: ['sysctls'],
  needsExpected: false,
  findings: {
    disabled: {
      severity: 'critical',
      confidence: 'certain',
      says: '{host} does not forward IPv4 packets: its own addresses answer, its containers get and send nothing',
      fix: 'Run `sysctl -w net.ipv4.ip_forward=1` on {host} and write it to a file in /etc/sysctl.d, so that it holds before Docker starts.',
      explains: [{ code: 'route/link-forwarding:disabled', when: 'same-host' }],
    },
  },
  *evaluate({ facts }) {
    const value = facts.sysctls.get(NAME)
    if (value === undefined) return yield { unsure: `${NAME} was not read` }
    if (value !== '0') return
    yield { code: 'disabled', object: `sysctl ${NAME}`, expected: '1', observed: value }
  },
})
