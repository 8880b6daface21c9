/** From what a rule of a host takes to the draft of a finding; the check adds its code. */
import type { Draft, Unsure } from '../../check.ts'
import type { ExpectedHost } from '../../expected/expected.ts'
import { formatPrefix, maskPrefix } from '../../model/address.ts'
import { named } from '../../model/named.ts'
import { shellWord } from '../../model/shell-words.ts'
import type { ClusterSnapshot, HostName } from '../../model/snapshot.ts'
import { waysText } from './losses.ts'
import { ownerOf, type RulePlace, removalFixes } from './rule-removal.ts'
import { type FilterTableName, type TableLoss, tableLosses } from './table-losses.ts'

/** Whose filters are looked at, and where. */
export interface LookedAt {
  readonly snapshot: ClusterSnapshot
  readonly host: HostName
  readonly expected: ExpectedHost
  readonly table: FilterTableName
}

/** One rule or policy, without the code of the check. */
export interface TableLossDraft {
  readonly byPolicy: boolean
  /** The container that the rule names alone. */
  readonly target: string | undefined
  readonly draft: Omit<Draft, 'code'>
}

/** The peer, where others are not concerned. */
function onlyPeer({ peers }: TableLoss, expected: ExpectedHost): { readonly peer?: string } {
  const [peer] = peers
  return peers.size === 1 && expected.peers.length > 1 && peer !== undefined ? { peer } : {}
}

/** What is to be opened for packets that carry others. */
function openedFor({
  expected: { udpPort: port, externalLink },
  table,
}: LookedAt): Pick<RulePlace, 'opened'> {
  const link = shellWord(externalLink?.name ?? '')
  return table === 'overlay-port' && port !== undefined && link !== undefined
    ? { opened: { port, link } }
    : {}
}

function draftOf(loss: TableLoss, at: LookedAt): TableLossDraft {
  const { host, expected } = at
  const { rule, hop, walks, target } = loss
  const { world, chain, by, byPolicy, packets = 'an unknown number of' } = rule
  const network = formatPrefix(maskPrefix(expected.config.network))
  const owner = ownerOf(rule, network)
  const draft = {
    object: named('chain', `${world} ${chain}`),
    ...onlyPeer(loss, expected),
    expected: `${network} accepted`,
    observed: by,
    data: {
      world,
      chain,
      ways: waysText(walks),
      packets,
      network,
      owner: owner === undefined ? '' : `. ${owner}`,
    },
    fixes: removalFixes(rule, { host, network, ...openedFor(at) }),
    evidence: hop.used,
    ...(hop.refusedLink !== undefined && { outLinks: [hop.refusedLink] }),
  }
  return { byPolicy, target, draft }
}

/** What the rules of the host take there, and what is not known of it. */
export function tableLossDrafts(at: LookedAt): readonly (TableLossDraft | Unsure)[] {
  const { snapshot, host, table } = at
  const { lost, open } = tableLosses(snapshot, host, table)
  return [...lost.map((loss) => draftOf(loss, at)), ...[...open].map((unsure) => ({ unsure }))]
}
