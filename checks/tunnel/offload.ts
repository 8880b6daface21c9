// flannel leaves the offloads of its vxlan link as the kernel sets them: checksums of inner packets are left to the
// underlay link. Kernels without "netfilter: nat: never update the UDP checksum when it's 0" corrupt the outer checksum
// of packets that are masqueraded twice with a random port, which flannel's and kube-proxy's --random-fully bring about
// (flannel `pkg/trafficmngr/iptables/iptables.go`). Turning the offload off is the known way round; it costs throughput.

import { defineHostCheck } from '../define.ts'
import { run } from '../heal/steps.ts'
import { named } from '../model/named.ts'
import type { Iptables } from '../model/netfilter.ts'
import type { Fact } from '../model/snapshot.ts'

const FEATURE = 'tx-checksum-ip-generic'

/** Last defective patch level of a maintained series; other series before 5.7 never got the change. */
const LAST_DEFECTIVE: ReadonlyMap<string, number> = new Map([
  ['5.6', 12],
  ['5.4', 40],
  ['4.19', 122],
  ['4.14', 180],
])

/** True for a release that is known to lack the change; names of distributions (`4.18.0-193.el8`) do not tell. */
function isDefective(release: string): boolean {
  const [, major, minor, patch] = /^(\d+)\.(\d+)\.(\d+)/.exec(release) ?? []
  const level = Number(patch)
  if (patch === undefined || level === 0) return false
  const last = LAST_DEFECTIVE.get(`${major}.${minor}`)
  if (last !== undefined) return level <= last
  return Number(major) < 5 || (Number(major) === 5 && Number(minor) < 7)
}

/** True when both flannel's and another program's masquerade choose ports at random. */
function isMasqueradedTwice(worlds: readonly Fact<Iptables>[]): boolean {
  const rules = worlds.flatMap((fact) => (fact.known ? fact.value.rules : []))
  const random = rules.filter(
    ({ table, words }) => table === 'nat' && words.includes('MASQUERADE') && words.includes('--random-fully'),
  )
  return (
    random.some(({ chain }) => chain.startsWith('KUBE-')) &&
    random.some(({ chain }) => !chain.startsWith('KUBE-'))
  )
}

export const check = defineHostCheck({
  id: 'tunnel/offload',
  title: 'Checksum offload of the VTEP',
  backends: ['vxlan'],
  needs: ['config', 'kernel', 'offloads'],
  needsExpected: false,
  findings: {
    'kernel-defect': {
      severity: 'warning',
      confidence: 'possible',
      says: 'kernel {release} on {host} breaks the checksum of packets that are masqueraded twice before {object}: connections from containers and hosts to Services of Kubernetes may hang for 63 s',
      fix: '`ethtool -K {link} tx-checksum-ip-generic off` helps at once; a kernel of 5.7, 5.6.13, 5.4.41, 4.19.123, 4.14.181 or later is the cure.',
      heal: [
        run(
          'ethtool -K {link} tx-checksum-ip-generic off',
          'checksums are made in software',
          'ethtool -K {link} tx-checksum-ip-generic on',
        ),
      ],
    },
    'switched-off': {
      severity: 'info',
      confidence: 'certain',
      says: '{object} on {host} has {feature} off: checksums are made in software and large packets are cut before the tunnel, which costs throughput',
      fix: 'Nothing, where it keeps a known defect away. Kernel {release} on {host}: if nothing else needs it, `ethtool -K {link} tx-checksum-ip-generic on`.',
    },
  },
  *evaluate({ host, facts: { config, kernel, offloads }, cluster: { snapshot } }) {
    const link = `flannel.${config.vni}`
    const found = offloads.get(link)
    if (found === undefined) return
    const { release } = kernel
    const drawn = {
      object: named('link', link),
      data: { link, release, feature: FEATURE },
      shownBy: 'offloads',
    } as const
    const worlds = [snapshot.hosts.get(host)?.facts.iptables, snapshot.hosts.get(host)?.facts.iptablesLegacy]
    const isTwice = isMasqueradedTwice(worlds.filter((fact) => fact !== undefined))
    if (found.off.includes(FEATURE)) yield { code: 'switched-off', ...drawn, expected: 'on', observed: 'off' }
    else if (found.on.includes(FEATURE) && isDefective(release) && isTwice)
      yield { code: 'kernel-defect', ...drawn, expected: 'off', observed: 'on' }
  },
})
