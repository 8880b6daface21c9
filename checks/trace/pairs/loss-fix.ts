/** The command that takes away what loses packets, where it is one route, policy rule, entry, link or setting of a host. */

import { knownValue } from '../../expected/observed-host.ts'
import type { Fix } from '../../heal-step.ts'
import { parsePrefix } from '../../model/address.ts'
import type { Link } from '../../model/link.ts'
import { fillCommand } from '../../model/shell-words.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { Hop } from '../trace.ts'
import type { Loss } from './losses.ts'

interface Remedy {
  readonly command: string
  readonly undo?: string
  readonly effect: string
}

type RemedyOf = (words: string, loss: Loss, snapshot: ClusterSnapshot) => Remedy | undefined

/** A route to a part of the network, or one that refuses: never the default route, nor one to what lies beside the network. */
const routeRemedy: RemedyOf = (words, _loss, snapshot) => {
  const network = knownValue(snapshot.datastore.config)?.network
  const [, destination = ''] = /^(?:[a-z]+ )?([\d./]+)/.exec(words) ?? []
  const prefix = parsePrefix(destination)
  const isNarrow = prefix !== undefined && network !== undefined && prefix.length > network.length
  if (!isNarrow || words.startsWith('local ')) return undefined
  return {
    command: 'ip route del {words...}',
    undo: 'ip route add {words...}',
    effect: 'the route no longer leads there',
  }
}

/** `100: from all to 10.5.0.0/16 lookup 7` */
const policyRemedy: RemedyOf = (words) => {
  const [, priority] = /^(\d+): /.exec(words) ?? []
  if (priority === undefined || ['0', '32766', '32767'].includes(priority)) return undefined
  return {
    command: `ip rule del priority ${priority}`,
    effect: 'the policy rule no longer selects these packets',
  }
}

/** Entries of flannel's own links are flanneld's to write. */
const neighbourRemedy: RemedyOf = (words) => {
  const [, address, link = ''] = /^(\S+) dev (\S+)/.exec(words) ?? []
  if (address === undefined || link.startsWith('flannel')) return undefined
  return { command: `ip neigh del ${address} dev ${link}`, effect: 'the kernel asks for the address again' }
}

const sysctlRemedy: RemedyOf = (words) => {
  const [, name = '', value = ''] = /^(\S+) = (\S+)/.exec(words) ?? []
  const wanted =
    name.endsWith('forwarding') || name.endsWith('ip_forward') ? '1' : name.includes('ignore_all') ? '0' : '2'
  if (name === '' || value === wanted) return undefined
  return {
    command: `sysctl -w ${name}=${wanted}`,
    undo: `sysctl -w ${name}=${value}`,
    effect: 'the kernel takes these packets',
  }
}

const BY_SECTION: Readonly<Record<string, RemedyOf>> = {
  routes: routeRemedy,
  rules: policyRemedy,
  neighbours: neighbourRemedy,
  sysctls: sysctlRemedy,
}

/** The link of the host, not of a container, that a loss names. */
function linkOf({ host, link, container }: Hop, snapshot: ClusterSnapshot): Link | undefined {
  const facts = snapshot.hosts.get(host)?.facts
  if (facts === undefined || container !== undefined) return undefined
  return knownValue(facts.links)?.find(({ name }) => name === link)
}

function linkRemedy({ hop, walks }: Loss, snapshot: ClusterSnapshot): Remedy | undefined {
  const link = linkOf(hop, snapshot)
  if (link === undefined) return undefined
  const { name } = link
  if (hop.predicted === 'link-down' && !link.flags.includes('UP'))
    return {
      command: `ip link set ${name} up`,
      undo: `ip link set ${name} down`,
      effect: 'the link carries packets',
    }
  const size = Math.max(...walks.map((walk) => walk.size))
  return hop.predicted === 'too-big' && link.mtu < size
    ? {
        command: `ip link set ${name} mtu ${size}`,
        undo: `ip link set ${name} mtu ${link.mtu}`,
        effect: 'packets of full size pass',
      }
    : undefined
}

/** The commands that heal one loss; empty where no single thing of the host can be named. */
export function lossFixes(loss: Loss, snapshot: ClusterSnapshot): readonly Fix[] {
  const [first] = loss.hop.used
  const remedy =
    (first && BY_SECTION[first.source.section]?.(first.excerpt, loss, snapshot)) ?? linkRemedy(loss, snapshot)
  if (remedy === undefined) return []
  const values = { words: first?.excerpt ?? '' }
  const command = fillCommand(remedy.command, values)
  const undo = remedy.undo === undefined ? undefined : fillCommand(remedy.undo, values)
  if (command === undefined) return []
  const { effect } = remedy
  return [{ host: loss.hop.host, command, effect, restartProof: false, ...(undo !== undefined && { undo }) }]
}
