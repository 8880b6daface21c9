/** Addresses and names of a network of many hosts: host number `at`, from 0, has the same in every run. */

/** What leases and peers know of a host. */
export interface PlannedHost {
  readonly name: string
  /** The subnet's first three bytes, `10.1.7`. */
  readonly subnet: string
  readonly publicIp: string
  readonly vtepMac: string
}

/** The network of flannel and that of the hosts; the latter is kept for benchmarks (RFC 2544). */
export const NETWORK = { address: '10.0.0.0', length: 8 }
export const UNDERLAY = { address: '198.18.0.0', length: 15, last: '198.19.255.255', gateway: '198.18.0.1' }

const bytesOf = (number: number): readonly [number, number] => [number >> 8, number & 255]

/** A MAC address of one of the links of a host: `link` numbers them. */
export function plannedMac(at: number, link: number): string {
  const bytes = [0x0e, 0x2a, 0, link, ...bytesOf(at)]
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}

/** The host of a number. */
export function plannedHost(at: number): PlannedHost {
  const [high, low] = bytesOf(at)
  return {
    name: `node-${String(at + 1).padStart(4, '0')}`,
    subnet: `10.${high + 1}.${low}`,
    publicIp: `198.18.${high + 1}.${low}`,
    vtepMac: plannedMac(at, 0),
  }
}
