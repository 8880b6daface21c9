/** The sender's kernel refuses a packet that it has learnt to be too large: it is never sent, and no tap sees it. */

import type { PingReading } from '../../model/observation.ts'
import type { Trace } from '../trace.ts'

/** What the sender's kernel said when it refused the size; undefined when it sent the packets, or another refused them. */
export function refusal({ error, received }: PingReading): { readonly mtu?: number } | undefined {
  const isRefused = error?.kind === 'too-long' && error.by === undefined && received === 0
  if (!isRefused) return undefined
  return error.mtu === undefined ? {} : { mtu: error.mtu }
}

/**
 * The request where its sender refused the size. A predicted `too-big` is confirmed by it: a host on the way told the
 * sender before (Linux keeps that for ten minutes, `net.ipv4.route.mtu_expires`). Without one nothing collected says where.
 */
export function refusedSize(request: Trace, ping: PingReading): Trace {
  const refused = refusal(ping)
  if (refused === undefined) return request
  const predicted = request.hops.some(({ predicted: ends }) => ends === 'too-big')
  if (predicted) return { ...request, ends: 'too-big', agreement: 'confirmed' }
  const most = refused.mtu === undefined ? 'this size does not get' : `no more than ${refused.mtu} bytes get`
  const why = `the sender has learnt that ${most} through; the collected state does not show where`
  const hops = request.hops.map((hop, index) =>
    index === 0 ? ({ ...hop, predicted: 'too-big', why } as const) : hop,
  )
  return { ...request, hops, ends: 'too-big', agreement: 'confirmed' }
}
