/** What must stay while what has the leases is away. */
import type { ClauseId } from '../../../checks/clauses/clause.ts'
import type { ClusterSnapshot } from '../../../checks/model/snapshot.ts'
import { awaitStays } from './await-seen.ts'
import { onEveryHost } from './on-every-host.ts'
import { overlayPath, pingAlong } from './overlay-path.ts'
import { factValue } from './peer-entries.ts'
import type { Equipped } from './scenario.ts'
import { hostIn, lostLines, pathLines } from './written-state.ts'

/** Long enough for several of flanneld's retries, a second apart. */
const OUTAGE_MS = 3000

/** Who is away, and the clauses that say what becomes of flanneld and of what it wrote. */
export interface Outage {
  readonly of: string
  readonly runsOn: ClauseId
  readonly stays: ClauseId
}

/** Looks for some seconds, and says what was seen of both clauses. */
export async function sawOutage(
  scene: Equipped<'flanneld'>,
  before: ClusterSnapshot,
  { of, runsOn, stays }: Outage,
): Promise<void> {
  const { control, hosts, victim, peer } = scene
  const { network } = factValue(before.datastore.config)
  const ended = async (host: string): Promise<string | undefined> =>
    (await control.flanneld.isRunning(host)) ? undefined : `flanneld of ${host} ended`
  const changed = await awaitStays(scene, OUTAGE_MS, () =>
    onEveryHost(scene, async (host) => {
      const lines = pathLines(hostIn(before, host), network)
      const lost = lostLines(lines, pathLines(await scene.lookAt(host), network))
      return lost === undefined ? undefined : `${host} lost ${lost}`
    }),
  )
  const answer = await pingAlong(scene, overlayPath(before, victim, peer))
  const outage = `without ${of} for ${OUTAGE_MS / 1000} s`
  scene.saw(
    stays,
    changed === undefined && answer.isWhole,
    changed ?? `${outage} nothing changed and ${answer.said}`,
  )
  const over = await onEveryHost(scene, ended)
  scene.saw(runsOn, over === undefined, over ?? `${outage} the flanneld of all ${hosts.length} hosts ran on`)
}
