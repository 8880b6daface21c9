/** Starts a host's flanneld and waits for its subnet, as a service manager would: again, where it lost a race. */

import { LabError } from '../lab-error.ts'
import type { PlannedHost } from '../plan/plan.ts'
import { type FlanneldParts, startFlanneld } from './flanneld.ts'
import { type ReadyHost, type ReadySubject, waitForSubnet } from './ready.ts'

/**
 * Two flanneld that pick the same free subnet at once: the slower one ends with exit status 1
 * (v0.18.0 and later, `pkg/subnet/etcd/local_manager.go`, `tryAcquireLease`: the error is not the
 * one it would retry on). Of fifty that pick among the first hundred at once some lose again and again.
 */
const LOST_RACE = /failed to acquire lease: subnet already exists/

function hasLostRace(error: unknown): boolean {
  return error instanceof LabError && LOST_RACE.test(error.message)
}

/** The host with its subnet. Throws LabError when flanneld does not get one in time. */
export async function raiseFlanneld(
  subject: ReadySubject,
  host: PlannedHost,
  parts: FlanneldParts,
): Promise<ReadyHost> {
  const { deadline, signal } = subject.bounds
  for (;;) {
    const flanneld = await startFlanneld(subject.plan, host, parts)
    try {
      return await waitForSubnet(subject, host, flanneld)
    } catch (error) {
      const isOver = performance.now() > deadline || signal?.aborted === true
      if (isOver || !hasLostRace(error)) throw error
    }
  }
}
