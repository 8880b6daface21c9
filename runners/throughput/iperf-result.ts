/** What `iperf3 -J` printed, to the figures of one measurement. */
import { z } from 'zod'
import { present } from '../../checks/model/present.ts'
import type { Measured } from '../../reports/throughput/throughput.ts'
import { oneLine } from '../collect/section/absence.ts'

/** One TCP measurement in one direction. */
export interface TcpReading {
  /** What arrived, Mbit/s. */
  readonly mbits: number
  readonly retransmits?: number
  /** Percent of one core. */
  readonly senderCpu?: number
  readonly receiverCpu?: number
}

const count = z.number().min(0)
/** cJSON writes null for what is no number, and iperf3 -1 for retransmits it does not know. */
const loose = z.number().nullish().catch(undefined)

const finished = z.object({
  start: z.object({
    test_start: z.object({ protocol: z.literal('TCP'), reverse: z.union([z.literal(0), z.literal(1)]) }),
  }),
  end: z.object({
    sum_sent: z.object({ retransmits: loose }),
    sum_received: z.object({ bits_per_second: count }),
    cpu_utilization_percent: z.object({ host_total: loose, remote_total: loose }).optional(),
  }),
})
const failed = z.object({ error: z.string().min(1) })

type Finished = z.infer<typeof finished>

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A number that was given and can be one. */
function counted(value: number | null | undefined): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined
}

/** `host` is the client's side; with `-R` it receives. */
function readingOf({ start, end }: Finished): TcpReading {
  const { host_total: client, remote_total: server } = end.cpu_utilization_percent ?? {}
  const [sender, receiver] = start.test_start.reverse === 1 ? [server, client] : [client, server]
  return {
    mbits: end.sum_received.bits_per_second / 1e6,
    ...present({
      retransmits: counted(end.sum_sent.retransmits),
      senderCpu: counted(sender),
      receiverCpu: counted(receiver),
    }),
  }
}

/** Reads one JSON document of iperf3; its own error, or that it is none, is the problem. Takes any text. */
export function parseIperf(text: string): Measured<TcpReading> {
  const value = jsonOf(text)
  const error = failed.safeParse(value)
  if (error.success) return { problem: `iperf3: ${oneLine(error.data.error)}` }
  const result = finished.safeParse(value)
  if (result.success) return readingOf(result.data)
  const [issue] = result.error.issues
  const where = value === undefined ? 'not JSON' : `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`
  return { problem: `the output of iperf3 cannot be read: ${oneLine(where)}` }
}
