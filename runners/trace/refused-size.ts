/** The sender's kernel refuses a packet that it has learnt to be too large: it is never sent, and no tap sees it. */
import type { Trace } from '../../checks/trace/trace.ts'
import type { PingReading } from '../probe/ping/parse.ts'

/**
 * The request where its sender refused the size. A predicted `too-big` is confirmed by it: a host on the way told the
 * sender before (Linux keeps that for ten minutes, `net.ipv4.route.mtu_expires`). Without one nothing collected says where.
 */
export function refusedSize(request: Trace, { error, received }: PingReading): Trace {
  const isRefused = error?.kind === 'too-long' && error.by === undefined
  if (!isRefused || received > 0) return request
  const predicted = request.hops.some(({ predicted: ends }) => ends === 'too-big')
  if (predicted) return { ...request, ends: 'too-big', agreement: 'confirmed' }
  const why = `the sender has learnt that no more than ${error.mtu ?? 'fewer'} bytes get through, and sends no larger packet`
  const hops = request.hops.map((hop, index) =>
    index === 0 ? ({ ...hop, predicted: 'too-big', why } as const) : hop,
  )
  return { ...request, hops, ends: 'too-big', agreement: 'confirmed' }
}
