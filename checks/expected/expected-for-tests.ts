/** The expected state of a host that must have one, or the reason of one that must have none. */
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'
import { type ExpectedHost, isExpected, type NoExpectation } from './expected.ts'
import { expectedHost } from './expected-host.ts'

/** Throws where there is none. */
export function expected(cluster: ClusterSnapshot, host: HostName = 'h1'): ExpectedHost {
  const found = expectedHost(cluster, host)
  if (!isExpected(found)) throw new Error(found.reason)
  return found
}

/** Throws where there is an expected state. */
export function refused(cluster: ClusterSnapshot, host: HostName = 'h1'): NoExpectation {
  const found = expectedHost(cluster, host)
  if (isExpected(found)) throw new Error('there is an expected state')
  return found
}
