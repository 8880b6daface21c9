/** alloc: a subnet and nothing else; flannel `pkg/backend/alloc/alloc.go`. */

import { present } from '../model/present.ts'
import { type BackendExpectation, peerOf } from './backend.ts'

/** No link, no routes; the MTU is the underlay's. */
export const alloc: BackendExpectation = (input) => ({
  peers: input.others.map((lease) => peerOf(lease, input, false)),
  routes: [],
  neighbours: [],
  fdb: [],
  ...present({ mtu: input.externalLink?.mtu }),
})
