/** The checks of the layer path, in their order: each says what one kind of thing on the way does to packets. */
import type { Check } from '../check.ts'
import { check as clusterIp } from './cluster-ip.ts'
import { check as datastore } from './datastore.ts'
import { check as link } from './link.ts'
import { check as neighbour } from './neighbour.ts'
import { check as nodePort } from './node-port.ts'
import { check as publishedPort } from './published-port.ts'
import { check as route } from './route.ts'
import { check as rule } from './rule.ts'
import { check as service } from './service.ts'
import { check as size } from './size.ts'

export const PATH_CHECKS: readonly Check[] = [
  rule,
  route,
  neighbour,
  link,
  size,
  service,
  clusterIp,
  nodePort,
  publishedPort,
  datastore,
]
