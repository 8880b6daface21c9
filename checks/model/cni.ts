/** A file of the CNI configuration directory; the container runtime takes the first one in name order that it can read. */
export interface CniConfigFile {
  readonly name: string
  /** `name` of the network; absent where the file is no configuration. */
  readonly network?: string
  /** `cniVersion`, as written. */
  readonly version?: string
  readonly plugins: readonly CniPlugin[]
  /** Why it is none. */
  readonly problem?: string
}

/** One plugin of a configuration, with what it says about a flannel network. */
export interface CniPlugin {
  readonly type: string
  readonly bridge?: string
  readonly hairpinMode?: boolean
  readonly isDefaultGateway?: boolean
  readonly isGateway?: boolean
  readonly ipMasq?: boolean
  readonly forceAddress?: boolean
  readonly mtu?: number
  /** `ipam.type`. */
  readonly ipam?: string
  /** Of host-local: the subnets it hands addresses out of, as written. */
  readonly subnets?: readonly string[]
  /** Of the flannel plugin: what it adds to its delegate, `bridge` unless it says another type. */
  readonly delegate?: CniPlugin
  /** Of the flannel plugin. */
  readonly subnetFile?: string
  /** Keys for which a plugin refuses the configuration, each with the reason; absent where there are none. */
  readonly refused?: readonly string[]
}

/** What the flannel plugin gave its delegate for one pod (`/var/lib/cni/flannel`). */
export interface CniDelegate {
  readonly container: string
  readonly plugin: CniPlugin
}

/** An address that host-local keeps for a container. */
export interface CniReservation {
  /** Name of the CNI network, the folder it stands in. */
  readonly network: string
  readonly address: string
  readonly container: string
}

/** What a plugin answered when it set a pod up (`/var/lib/cni/results`). */
export interface CniResult {
  readonly network: string
  readonly container: string
  /** `namespace/name`. */
  readonly pod?: string
  /** Path of the pod's network namespace. */
  readonly sandbox?: string
  readonly addresses: readonly string[]
}

/** Configuration, plugins and books of CNI on one host. */
export interface Cni {
  readonly configDirectory: string
  readonly pluginDirectory: string
  /** In name order; empty where the directory is. */
  readonly files: readonly CniConfigFile[]
  /** Names of the executables; absent where there is no such directory. */
  readonly binaries?: readonly string[]
  readonly delegates: readonly CniDelegate[]
  readonly reservations: readonly CniReservation[]
  readonly results: readonly CniResult[]
}

/** The configuration that a container runtime uses. */
export function chosenConfig({ files }: Cni): CniConfigFile | undefined {
  return files.find(({ problem }) => problem === undefined)
}

/** The flannel plugin of the configuration that a container runtime uses; undefined where it uses another one. */
export function flannelPlugin(cni: Cni): CniPlugin | undefined {
  return chosenConfig(cni)?.plugins.find(({ type }) => type === 'flannel')
}
