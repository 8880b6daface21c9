/**
 * Encapsulated packets of the peers come to the host itself, as UDP on the external link:
 * port 8472 for vxlan (kernel default, flannel `pkg/backend/vxlan/vxlan.go`), 8285 for udp
 * (`pkg/backend/udp/udp_amd64.go`). flannel opens no port: the host's INPUT chains must accept.
 * vxlan hashes the source port per flow, so no packet is ever a reply to conntrack.
 */
import type { Draft } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { run } from '../heal/steps.ts'
import type { HealStep } from '../heal-step.ts'
import { present } from '../model/present.ts'
import { type TableLossDraft, tableLossDrafts } from '../trace/pairs/table-loss-draft.ts'

/** A rule goes; before a policy the port is opened, in the chain that holds it. */
function openPort(world: string, chain: string): readonly HealStep[] {
  const isIptables = world !== 'nft'
  const tool = world === 'iptables-legacy' ? 'iptables-legacy' : 'iptables'
  const words = isIptables
    ? '-i {link} -p udp --dport {port} -j ACCEPT'
    : 'iifname {link} udp dport {port} accept'
  const command = isIptables
    ? `${tool} -t {table} -I {name} ${words}`
    : `nft insert rule {table...} {name} ${words}`
  const undo = isIptables && chain !== '' ? `${tool} -t {table} -D {name} ${words}` : undefined
  return [run(command, 'packets of the overlay pass before the policy', undo)]
}

function dropped({ byPolicy, draft }: TableLossDraft, port: number, link: string): Draft<'dropped'> {
  const { fixes, data, ...rest } = draft
  const { world = '', chain = '' } = data ?? {}
  const slash = String(chain).lastIndexOf('/')
  const does = /\b(?:DNAT|REDIRECT|dnat|redirect)\b/.test(draft.observed ?? '') ? 'sent elsewhere' : 'dropped'
  const place = { table: String(chain).slice(0, slash), name: String(chain).slice(slash + 1) }
  return {
    ...rest,
    ...(byPolicy ? { heal: openPort(String(world), String(chain)) } : present({ fixes })),
    code: 'dropped',
    expected: `UDP ${port} accepted`,
    data: { ...data, ...place, port, link, does, way: place.name === 'OUTPUT' ? 'to' : 'from' },
  }
}

export const check = defineHostCheck({
  id: 'netfilter/overlay-port',
  title: 'UDP port of the overlay in the host firewall',
  backends: ['vxlan', 'udp'],
  needs: ['addresses'],
  walks: true,
  needsExpected: true,
  findings: {
    dropped: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'encapsulated packets {way} peers (UDP {port} on {link}) are {does} on {host}, in {world} chain {chain}: {observed}',
      fix: 'Open the port for the peers, before that rule: UDP {port} on {link}. {packets} packets have met the rule or policy so far.',
    },
  },
  *evaluate({ host, expected, cluster: { snapshot } }) {
    const { udpPort, externalLink } = expected
    if (udpPort === undefined) return
    for (const loss of tableLossDrafts({ snapshot, host, expected, table: 'overlay-port' })) {
      if ('unsure' in loss) yield loss
      else yield dropped(loss, udpPort, externalLink?.name ?? '')
    }
  },
})
