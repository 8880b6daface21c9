/** A link as a network service sees it. */
export interface OwnedLink {
  readonly link: string
  /** NetworkManager: `unmanaged`, `connected`, `connected (externally)`, …; networkd: `unmanaged`, `configured`, … */
  readonly state: string
}

/** What NetworkManager and systemd-networkd hold of the links; empty where a service does not run. */
export interface LinkOwners {
  readonly networkManager: readonly OwnedLink[]
  readonly networkd: readonly OwnedLink[]
  /** `ManageForeignRoutes=` of networkd.conf; absent: not set, which means yes. */
  readonly manageForeignRoutes?: boolean
}
