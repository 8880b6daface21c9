/** Clusters with one thing wrong, and the place where the walk must end. */
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { Endpoint, Trace } from '../trace.ts'
import { walkPing } from '../walk.ts'

/** Bytes of a plain ping. */
export const PLAIN = { size: 84 }

/** The containers of h1 and h2 of a built cluster. */
export const C1: Endpoint = { host: 'h1', container: 'h1c1', address: '10.2.1.2' }
export const C2: Endpoint = { host: 'h2', container: 'h2c1', address: '10.2.2.2' }

/** One fault: the end as `DROP at STAGE of HOST`. */
export interface WalkCase {
  readonly name: string
  readonly ends: string
  readonly edit: (healthy: ClusterSnapshot) => ClusterSnapshot
  readonly direction?: 'request' | 'reply'
  readonly size?: number
}

/** What is used of AVA's `test`. */
type Registers = (title: string, implementation: (t: Asserts) => void) => void

interface Asserts {
  is(actual: unknown, expected: unknown): unknown
  true(actual: unknown): unknown
  truthy(actual: unknown): unknown
}

export function endOf({ ends, hops }: Trace): string {
  const last = hops.at(-1)
  return ends === 'delivered' ? ends : `${ends} at ${last?.stage} of ${last?.host}`
}

/** A test for every case: h1c1 pings h2c1 of the edited cluster. */
export function testCases(test: Registers, healthy: ClusterSnapshot, cases: readonly WalkCase[]): void {
  for (const { name, edit, direction = 'request', size = 84, ends } of cases) {
    test(`${name}: ${ends}`, (t) => {
      const { request, reply } = walkPing(edit(healthy), { from: C1, to: C2 }, { size })
      const trace = direction === 'request' ? request : reply
      if (direction === 'reply') t.is(request.ends, 'delivered')
      t.is(trace && endOf(trace), ends)
      t.truthy(trace?.hops.at(-1)?.why)
      t.true(trace?.hops.slice(0, -1).every(({ predicted }) => predicted === 'forwarded'))
    })
  }
}
