/** An operator writes a host's lease without an expiry, so that the host keeps its subnet for good. */
import { awaitSeen } from './await-seen.ts'
import { DAY_SECONDS } from './fake-peer.ts'
import { defineScenario, ScenarioError } from './scenario.ts'
import { leaseOf, ownLease } from './written-state.ts'

/** A lease without expiry that flanneld takes for run out is renewed at once. */
const RENEW_MS = 6000

export const reserveSubnet = defineScenario({
  name: 'reserve-subnet',
  needs: ['datastore', 'flanneld'],
  run: async (scene) => {
    const { victim, control } = scene
    const lease = ownLease(await scene.look(), victim)
    const value = (await control.datastore.keys()).get(lease.key)
    if (value === undefined) throw new ScenarioError(`etcd has no ${lease.key}`)
    await control.flanneld.end(victim, 'SIGTERM')
    await control.datastore.put({ key: lease.key, value })
    await control.flanneld.start(victim)
    await awaitSeen(scene, RENEW_MS, async () =>
      leaseOf(await scene.look(), victim)?.ttlSeconds === undefined ? 'it has no expiry' : undefined,
    )
    const now = leaseOf(await scene.look(), victim)
    const ttl = now?.ttlSeconds
    const observed =
      ttl === undefined
        ? `after the start the reserved lease of ${victim} has no expiry, ${RENEW_MS / 1000} s long`
        : `after the start the reserved lease of ${victim} lives for ${ttl} s`
    scene.saw('FL-LIFE-16', now?.key === lease.key && ttl === undefined, observed)
    scene.saw('FL-LIFE-17', now?.key === lease.key && ttl !== undefined, observed)
    await control.flanneld.end(victim, 'SIGTERM')
    await control.datastore.put({ key: lease.key, value, ttlSeconds: DAY_SECONDS })
    await control.flanneld.start(victim)
  },
})
