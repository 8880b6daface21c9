/** Links with vxlan attributes and counters: `ip -s -s -d link`. */
import { parseMac } from '../../../checks/model/address.ts'
import {
  type BridgePort,
  type Link,
  type LinkStatistics,
  takesAll,
  type VxlanAttributes,
} from '../../../checks/model/link.ts'
import { present } from '../../../checks/model/present.ts'
import { numberField, parseRows, type Row, rowField, textField, wordsField } from '../section/rows.ts'
import type { FactCollector } from '../section/section.ts'
import { parseLinkText } from './link-text.ts'

/** A link before the other end of a veth pair in the same namespace is resolved to its index. */
export interface RawLink {
  readonly link: Link
  /** `link` of iproute2: the lower link, or the other end of a veth pair in the same namespace. */
  readonly lower?: string
}

function vxlanAttributes(row: Row): VxlanAttributes {
  return present({
    vni: numberField(row, 'id') ?? 0,
    local: textField(row, 'local') ?? textField(row, 'local6'),
    underlay: textField(row, 'link'),
    port: numberField(row, 'port') ?? 0,
    learning: row.learning !== false,
    gbp: row.gbp === true,
    // 0 is the host's usual one.
    ttl: numberField(row, 'ttl') || undefined,
  })
}

function bridgePort(linkinfo: Row): BridgePort | undefined {
  const port = rowField(linkinfo, 'info_slave_data')
  const state = textField(port, 'state')
  if (textField(linkinfo, 'info_slave_kind') !== 'bridge' || state === undefined) return undefined
  const { learning, flood, isolated, locked, hairpin } = port
  return present({
    state,
    learning: learning !== false,
    flood: flood !== false,
    isolated: isolated === true,
    locked: locked === true,
    hairpin: typeof hairpin === 'boolean' ? hairpin : undefined,
  })
}

function linkStatistics(row: Row): LinkStatistics | undefined {
  const stats = rowField(row, 'stats64' in row ? 'stats64' : 'stats')
  const [rx, tx] = [rowField(stats, 'rx'), rowField(stats, 'tx')]
  if (numberField(rx, 'packets') === undefined) return undefined
  return present({
    rxPackets: numberField(rx, 'packets') ?? 0,
    txPackets: numberField(tx, 'packets') ?? 0,
    rxErrors: numberField(rx, 'errors') ?? 0,
    txErrors: numberField(tx, 'errors') ?? 0,
    rxDropped: numberField(rx, 'dropped') ?? 0,
    txDropped: numberField(tx, 'dropped') ?? 0,
    txCarrierErrors: numberField(tx, 'carrier_errors'),
    rxOtherHost: numberField(rx, 'otherhost'),
  })
}

type KindField = 'queueLength' | 'takes' | 'vxlan' | 'isSpanningTree'

/** What links of one kind alone have. */
function ofKind(row: Row, kind: string | undefined): Pick<Link, KindField> {
  const data = rowField(rowField(row, 'linkinfo'), 'info_data')
  if (kind === 'vxlan') return { vxlan: vxlanAttributes(data) }
  // 2 is the spanning tree of a program (Linux `net/bridge/br_private.h`, BR_USER_STP).
  if (kind === 'bridge') return numberField(data, 'stp_state') === 1 ? { isSpanningTree: true } : {}
  // iproute2 is silent about a length of 0.
  if (kind === 'tun') return { queueLength: numberField(row, 'txqlen') ?? 0 }
  return takesAll(kind, textField(data, 'mode')) ? present({ takes: textField(row, 'link') }) : {}
}

function rawLink(row: Row): RawLink {
  const linkinfo = rowField(row, 'linkinfo')
  const kind = textField(linkinfo, 'info_kind')
  const link: Link = present({
    index: numberField(row, 'ifindex') ?? 0,
    name: textField(row, 'ifname') ?? '',
    kind,
    mtu: numberField(row, 'mtu') ?? 0,
    ...ofKind(row, kind),
    mac: parseMac(textField(row, 'address') ?? ''),
    flags: wordsField(row, 'flags'),
    operstate: textField(row, 'operstate') ?? 'UNKNOWN',
    xdp: numberField(rowField(rowField(row, 'xdp'), 'prog'), 'id'),
    isHeldDown: row.proto_down === true || undefined,
    master: textField(row, 'master'),
    bridgePort: bridgePort(linkinfo),
    peerIndex: kind === 'veth' ? numberField(row, 'link_index') : undefined,
    peerNamespace: textField(row, 'link_netns'),
    statistics: linkStatistics(row),
  })
  return present({ link, lower: textField(row, 'link') })
}

/** Links of parsed rows; a veth pair inside one namespace is told by name, so it is resolved here. */
function resolvePeers(raw: readonly RawLink[]): readonly Link[] {
  const indexOf = new Map(raw.map(({ link }) => [link.name, link.index]))
  return raw.map(({ link, lower }) => {
    const peerIndex = link.kind === 'veth' && lower !== undefined ? indexOf.get(lower) : undefined
    return peerIndex === undefined ? link : { ...link, peerIndex }
  })
}

/** Links of `ip -j -d link` or `ip -j -d addr` rows. */
export function linksFromRows(rows: readonly Row[]): readonly Link[] {
  return resolvePeers(rows.filter((row) => textField(row, 'ifname') !== undefined).map(rawLink))
}

export const links: FactCollector<'links'> = {
  fact: 'links',
  command: 'ip -s -s -d link show',
  script: () => 'ip -s -s -j -d link show 2>/dev/null || ip -s -s -d link show 2>/dev/null || ip link show',
  parse: ({ stdout }) => {
    const rows = parseRows(stdout)
    if (rows !== undefined) return { value: linksFromRows(rows) }
    return { value: resolvePeers(parseLinkText(stdout)) }
  },
}
