/** From a predicted loss to the draft of a finding; the check adds its code. */
import type { Draft, Unsure } from '../../check.ts'
import { present } from '../../model/present.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { Drop, Stage } from '../trace.ts'
import { lossFixes } from './loss-fix.ts'
import { insideOf, type LossKind, placeText } from './loss-kind.ts'
import { type Loss, predictedLosses, undecidedReasons, waysText } from './losses.ts'

function unseen(isBetween: boolean): Pick<Draft, 'unseenByPings'> {
  return isBetween ? { unseenByPings: true } : {}
}

/** The draft without its code; the subject is the host where the packets end. */
export function lossDraft({
  hop,
  object,
  walks,
  host,
  peer,
  ofContainer,
  isBetween,
}: Loss): Omit<Draft, 'code'> {
  const ways = waysText(walks)
  const isCarrier = hop.stage === 'encap' || hop.stage === 'decap'
  const { why = '' } = hop
  return {
    host,
    ...present({ peer, ofContainer }),
    ...unseen(isBetween),
    object,
    expected: `${ways} delivered`,
    observed: hop.used[0]?.excerpt ?? why,
    data: {
      host: placeText(hop),
      ways,
      place: hop.link ?? hop.stage,
      why,
      size: walks[0]?.size ?? 0,
      carrier: isCarrier ? 'the packets that carry ' : '',
    },
    evidence: hop.used,
    ...(hop.refusedLink !== undefined && { outLinks: [hop.refusedLink] }),
  }
}

/** A container's own settings are none of flannel's. */
const INSIDE_FIX =
  'Mend it in the container’s own network namespace, or start the container anew; see what set it up like this'

/** Stages before and behind flannel: restarting flanneld mends nothing there. */
const OF_CONTAINERS: ReadonlySet<Stage> = new Set(['source', 'bridge', 'bridge-in', 'target'])

/** Where commands heal they are the fix, not what else would be tried for such a loss. */
const BY_COMMAND = 'Run {remedy} on {host}: {effect}; see what set it so, or it comes back.'

function healing(loss: Loss, snapshot: ClusterSnapshot): Pick<Draft, 'fix' | 'fixes' | 'data'> {
  const fixes = lossFixes(loss, snapshot)
  const [first] = fixes
  if (insideOf(loss.hop) !== undefined) return { fix: INSIDE_FIX, fixes }
  if (first === undefined) return OF_CONTAINERS.has(loss.hop.stage) ? { fixes } : {}
  const remedy = fixes.map(({ command }) => `\`${command}\``).join(' and ')
  return { fix: BY_COMMAND, fixes, data: { remedy, effect: first.effect } }
}

/** The losses of one kind as drafts, by the drop that a code stands for, and what is not known. */
export function* lossesByDrop<C extends string>(
  snapshot: ClusterSnapshot,
  kind: LossKind,
  codes: Readonly<Partial<Record<Drop, C>>>,
): Iterable<Draft<C> | Unsure> {
  for (const loss of predictedLosses(snapshot)) {
    const code =
      loss.kind === kind && loss.hop.predicted !== 'forwarded' ? codes[loss.hop.predicted] : undefined
    if (code === undefined) continue
    const [draft, healed] = [lossDraft(loss), healing(loss, snapshot)]
    yield { ...draft, ...healed, data: { ...draft.data, ...healed.data }, code }
  }
  for (const unsure of undecidedReasons(snapshot, kind)) yield { unsure }
}
