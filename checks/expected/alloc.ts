/** alloc: a subnet and nothing else; flannel `pkg/backend/alloc/alloc.go`. */
import { type BackendExpectation, peerOf, when } from './backend.ts'

/** No link, no routes; the MTU is the underlay's. */
export const alloc: BackendExpectation = (input) => ({
  peers: input.others.map((lease) => peerOf(lease, input, false)),
  routes: [],
  neighbours: [],
  fdb: [],
  ...when('mtu', input.externalLink?.mtu),
})
