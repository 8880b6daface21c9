/** Our probe is found in every wrapping, and nothing else is taken for it. */
import test from 'ava'
import { DEFAULT_TUNNEL_PORTS } from './decoding.ts'
import { LINK_TYPE } from './link-layer.ts'
import { echo, ethernet, frameOf, icmp, ipv4, type Octets, tunnelledPing, udp } from './packets-for-tests.ts'
import { matchProbe } from './probe-match.ts'

const ping = ipv4(1, echo(8, [4660, 3]))
const NONCE = Uint8Array.from({ length: 16 }, (_, i) => 0xa0 + i)
const payload = [...Array<number>(16).fill(9), ...NONCE, ...NONCE]
const probeIn = (octets: Octets, linkType?: number) =>
  matchProbe(frameOf(octets, linkType), { nonce: NONCE }, DEFAULT_TUNNEL_PORTS)

test('our probe is known by its nonce, in the tunnel, bare and quoted', (t) => {
  t.like(probeIn(tunnelledPing(echo(8, [77, 4], payload))), { part: 'request', sequence: 4 })
  t.like(probeIn(ethernet(0x0800, ipv4(1, echo(0, [1, 5], payload)))), { part: 'reply', sequence: 5 })
  t.like(probeIn(ipv4(1, echo(8, [1, 5], payload)), LINK_TYPE.raw), { part: 'request' })
  const refused = icmp(3, 3, [0, 0, 0, 0, ...tunnelledPing(echo(8, [77, 4], payload)).slice(14)])
  t.like(probeIn(ethernet(0x0800, ipv4(1, refused))), { part: 'error', sequence: 4 })
})

test('what is not our probe is not taken for it', (t) => {
  t.is(probeIn(tunnelledPing(echo(8, [77, 4], payload.toSpliced(20, 1, 0)))), undefined)
  t.is(probeIn(tunnelledPing(echo(8, [77, 4], payload.slice(0, 30)))), undefined)
  t.is(probeIn(ethernet(0x0800, ipv4(17, udp(53, payload)))), undefined)
  t.is(probeIn(ethernet(0x0800, ipv4(1, icmp(3, 1, [0, 0, 0, 0, ...ping])))), undefined)
})
