/** A ping as it is planned. */
import type { PingObservation } from '../../checks/model/observation.ts'
import type { ContainerEnd } from './ends.ts'
import { PING_HEADERS } from './ping/argv.ts'

/** IP packet of a small ping: the usual 56 bytes of payload. */
export const SMALL = 56 + PING_HEADERS

/** A ping to be sent; what it will be known by. */
export interface PlannedPing
  extends Pick<PingObservation, 'pattern' | 'from' | 'to' | 'address' | 'size' | 'full'> {
  /** The container it is sent from. */
  readonly source?: ContainerEnd
  /** The container it goes to. */
  readonly target?: ContainerEnd
}
