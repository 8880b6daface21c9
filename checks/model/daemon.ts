/** One running flanneld. */
export interface FlanneldProcess {
  readonly pid: number
  /** Command line, words; passwords are masked before they leave the host. */
  readonly argv: readonly string[]
  /** Of its environment: FLANNELD_*, passwords masked, and NODE_NAME, POD_NAME, POD_NAMESPACE. */
  readonly environment: Readonly<Record<string, string>>
  /** `v0.28.9` as the binary says; absent when it does not (`dev`, stripped builds). */
  readonly version?: string
  readonly ageSeconds?: number
  /** A signal has stopped it: it exists and does nothing. */
  readonly isStopped?: true
}

/** The flanneld processes in the host's network namespace. */
export interface Flanneld {
  readonly processes: readonly FlanneldProcess[]
}

/** The kernel and its clock. */
export interface Kernel {
  readonly release: string
  readonly uptimeSeconds?: number
  /** Seconds since 1970 by the host's clock at the time of reading. */
  readonly clockSeconds?: number
}

/** A bound UDP socket (kernel sockets of vxlan links included). */
export interface UdpSocket {
  /** `0.0.0.0` for any; IPv6 as text. */
  readonly address: string
  readonly port: number
}
