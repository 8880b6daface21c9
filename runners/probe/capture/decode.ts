/** One captured packet, layer by layer. Any octets give some layers; none throws or is read beyond its end. */
import { decodeNetwork } from './decode-network.ts'
import { decodeEthernet } from './decode-transport.ts'
import { DEFAULT_TUNNEL_PORTS, type Decoding, has, type TunnelPorts } from './decoding.ts'
import type { Frame } from './frame.ts'
import type { Cooked, Layer } from './layer.ts'
import { LINK_TYPE, linkedType, linkHeader } from './link-layer.ts'
import { u16, u32 } from './octets.ts'

/** Packet types of packet(7), as cooked captures carry them. */
const DIRECTIONS: readonly Cooked['direction'][] = ['to-us', 'broadcast', 'multicast', 'to-other', 'from-us']

function cookedLayer({ bytes, start, linkType }: Frame, type: number): Cooked {
  const isSecond = linkType === LINK_TYPE.cooked2
  const direction = DIRECTIONS[isSecond ? (bytes[start + 10] as number) : u16(bytes, start)] ?? 'unknown'
  return { kind: 'cooked', direction, ...(isSecond && { ifindex: u32(bytes, start + 4) }), type }
}

function behindLink(state: Decoding, frame: Frame): void {
  const { start, linkType } = frame
  const size = linkHeader(linkType)
  if (size === undefined) {
    state.layers.push({ kind: 'other', of: 'link', number: linkType })
    return
  }
  if (linkType === LINK_TYPE.ethernet) {
    decodeEthernet(state, start)
    return
  }
  if (!has(state, start, { size: Math.max(size, 1), header: 'link' })) return
  const type = linkedType(frame.bytes, frame)
  const isCooked = linkType === LINK_TYPE.cooked || linkType === LINK_TYPE.cooked2
  if (isCooked) state.layers.push(cookedLayer(frame, type))
  decodeNetwork(state, start + size, type)
}

/** The layers of a packet, outermost first; tunnels are opened on the given UDP ports. */
export function decode(frame: Frame, ports: TunnelPorts = DEFAULT_TUNNEL_PORTS): readonly Layer[] {
  const state: Decoding = {
    bytes: frame.bytes,
    end: frame.end,
    layers: [],
    ports,
    network: decodeNetwork,
    depth: 0,
  }
  behindLink(state, frame)
  return state.layers
}
