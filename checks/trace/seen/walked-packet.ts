/** The packet that was followed, as the walk takes it. */
import type { TraceObservation } from '../../model/trace-observation.ts'
import type { WalkPacket } from '../walk/state.ts'

/** Size, protocol and ports of what was sent. */
export function walkedPacket({ size, packet }: Pick<TraceObservation, 'size' | 'packet'>): WalkPacket {
  if (packet === undefined) return { size }
  const { protocol, sourcePort, destinationPort } = packet
  return { size, protocol, sourcePort, destinationPort }
}

/** What it is in words: `ping`, `TCP packet to port 80`. */
export function packetText({ packet }: Pick<TraceObservation, 'packet'>): string {
  return packet === undefined
    ? 'ping'
    : `${packet.protocol.toUpperCase()} packet to port ${packet.destinationPort}`
}
