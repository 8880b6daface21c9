/** Which of the two stores to judge. They are separate: the same key can differ between them. */
import type { EtcdApi } from '../../checks/model/network-config.ts'
import type { EtcdReading, StoreReading } from './reading.ts'

/** Most seconds any lease has left; the store whose leases were renewed last is the one in use. */
function freshest(store: StoreReading | null): number {
  return Math.max(0, ...(store?.entries ?? []).map((entry) => entry.ttlSeconds ?? 0))
}

function leaseCount(store: StoreReading | null): number {
  return (store?.entries.length ?? 0) - (store?.present ? 1 : 0)
}

function isRead(store: StoreReading | null): number {
  return store !== null && store.problem === undefined ? 1 : 0
}

/** v3 unless v2 alone is the better one by the first of `marks` that tells them apart. */
function better(reading: EtcdReading, marks: readonly ((store: StoreReading | null) => number)[]): EtcdApi {
  for (const mark of marks) {
    const difference = mark(reading.v2) - mark(reading.v3)
    if (difference !== 0) return difference > 0 ? 'v2' : 'v3'
  }
  return 'v3'
}

/**
 * The API asked for; with `auto` the one that holds the configuration. Both hold it: `preferred` (what the
 * running flanneld speaks), else the one with leases, the most recent ones. Neither: the one
 * that could be read, then the one with leases, else v3.
 */
export function chooseApi(reading: EtcdReading, preferred?: EtcdApi): EtcdApi {
  if (reading.askedApi !== 'auto') return reading.askedApi
  const inV2 = reading.v2?.present === true
  const inV3 = reading.v3?.present === true
  if (inV2 !== inV3) return inV2 ? 'v2' : 'v3'
  if (preferred !== undefined) return preferred
  return better(reading, [isRead, (store) => Math.sign(leaseCount(store)), freshest])
}
