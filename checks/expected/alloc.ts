/** alloc: a subnet and nothing else; flannel `pkg/backend/alloc/alloc.go`. */

import { present } from '../model/present.ts'
import { type BackendExpectation, othersOf, peerOf } from './backend.ts'

/** No link, no routes; the MTU is the underlay's. */
export const alloc: BackendExpectation = (input) => ({
  peers: othersOf(input).map((lease) => peerOf(lease, input, false)),
  routes: [],
  neighbours: [],
  fdb: [],
  ...present({ mtu: input.externalLink?.mtu }),
})
