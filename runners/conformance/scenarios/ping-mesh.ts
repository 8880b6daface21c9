/** Containers of all hosts ping each other, small and as large as the MTU allows. */
import type { ClauseId } from '../../../checks/clauses/clause.ts'
import type { PingObservation } from '../../../checks/model/observation.ts'
import { collectCluster } from '../../run/collecting/collect-cluster.ts'
import { usualConcurrency } from '../../run/collecting/usual-concurrency.ts'
import { probeCluster } from '../../run/steps/probe-cluster.ts'
import { defineScenario, ScenarioError, type Scene } from './scenario.ts'

/** Every backend has the same two statements under numbers of its own; those of other backends are dropped. */
const REACH: readonly ClauseId[] = ['FL-VXLAN-25', 'FL-HOSTGW-07', 'FL-UDP-09']
const HOPS: readonly ClauseId[] = ['FL-VXLAN-26', 'FL-HOSTGW-08', 'FL-UDP-10']

/** Linux sends with a TTL of 64; each of the two hosts that route takes one, each proxy of udp one more. */
const TTL = 62
const TTL_OF_UDP = 60

function wordsFor({ from, to, size, received, sent, ttl }: PingObservation): string {
  const ends = `${from.container ?? from.host} to ${to.container ?? to.host}`
  return `${ends} with ${size} bytes: ${received} of ${sent} answered, ttl ${ttl ?? 'unknown'}`
}

/** Pings between containers of different hosts. Throws ScenarioError when one could not be sent. */
async function meshOf({ control, signal }: Scene): Promise<readonly PingObservation[]> {
  const inventory = await control.inventory()
  const settings = { concurrency: usualConcurrency(), signal }
  const { snapshot } = await probeCluster(await collectCluster(inventory, settings), inventory, settings)
  const pings = (snapshot.observations ?? []).filter((each) => each.kind === 'ping')
  const between = pings.filter(({ pattern }) => pattern === 'cc')
  if (between.length === 0) throw new ScenarioError('there are no two containers on different hosts')
  const unsent = between.find(({ problem }) => problem !== undefined)
  if (unsent === undefined) return between
  throw new ScenarioError(`no ping from ${unsent.from.host}: ${unsent.problem?.detail}`)
}

export const pingMesh = defineScenario({
  name: 'ping-mesh',
  needs: [],
  run: async (scene) => {
    const pings = await meshOf(scene)
    const lossy = pings.find(({ sent, received }) => received < sent)
    const full = pings.filter((ping) => ping.full).length
    const all = `all ${pings.length} paths answer, ${full} of them with packets of the whole MTU`
    for (const clause of REACH) scene.saw(clause, lossy === undefined, lossy ? wordsFor(lossy) : all)
    const wanted = scene.backend === 'udp' ? TTL_OF_UDP : TTL
    const answered = pings.filter(({ ttl }) => ttl !== undefined)
    if (answered.length === 0) return
    const other = answered.find(({ ttl }) => ttl !== wanted)
    const said = other
      ? `${wordsFor(other)}, not ${wanted}`
      : `all ${answered.length} answers have ttl ${wanted}`
    for (const clause of HOPS) scene.saw(clause, other === undefined, said)
  },
})
