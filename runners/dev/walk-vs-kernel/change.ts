/** What random changes of a host name, and what they are. */

/** What the lines name. */
export interface Scene {
  /** Addresses of the containers of this host and of its peer. */
  readonly own: string
  readonly peer: string
  readonly ownSubnet: string
  readonly peerSubnet: string
  readonly network: string
  /** Addresses on the underlay. */
  readonly ownPublic: string
  readonly peerPublic: string
  /** The host's end of its container's veth pair. */
  readonly port: string
  /** Address and MAC of the peer's VTEP. */
  readonly vtep: string
  readonly vtepMac: string
  readonly ownMac: string
  /** Address and MAC of the bridge of this host. */
  readonly gateway: string
  readonly gatewayMac: string
}

/** One change and its opposite. */
export interface Change {
  /** The container it is done in; absent for its host. */
  readonly at?: string
  readonly make: string
  readonly undo: string
}
