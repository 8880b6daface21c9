/** The state of one decoding, and the three ways in which headers hand over to each other. */
import type { Cut, Layer } from './layer.ts'

/** UDP ports behind which packets of the overlay are looked for. */
export interface TunnelPorts {
  /** Ports of vxlan: 8472 unless configured otherwise. */
  readonly vxlan: readonly number[]
  /** Ports of flannel's udp backend: 8285 unless configured otherwise. */
  readonly udp: readonly number[]
}

export const DEFAULT_TUNNEL_PORTS: TunnelPorts = { vxlan: [8472], udp: [8285] }

/** Headers a packet may have: an overlay packet quoted in an error inside the tunnel has eleven. */
const MOST_LAYERS = 24

export interface Decoding {
  readonly bytes: Uint8Array
  /** Behind the last octet that belongs to the packet; an IP header's length moves it forward. */
  end: number
  readonly layers: Layer[]
  readonly ports: TunnelPorts
  /** Decodes the packet behind an ethertype: what a tunnel or an error has inside. */
  readonly network: (state: Decoding, at: number, type: number) => void
  /** How many layers surround this decoding: those of the packet that quotes this one. */
  readonly depth: number
}

/** Notes that a header is not there in full. */
function cut(state: Decoding, header: string): void {
  state.layers.push({ kind: 'cut', header } satisfies Cut)
}

/** Whether `size` octets of a header are there; where they are not, that is noted. */
export function has(state: Decoding, at: number, need: { size: number; header: string }): boolean {
  if (at + need.size <= state.end && state.depth + state.layers.length < MOST_LAYERS) return true
  cut(state, need.header)
  return false
}
