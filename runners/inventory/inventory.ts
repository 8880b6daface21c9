/** The inventory: which hosts, how each is reached, and where etcd is. */
import { printable } from '../../reports/layout/printable.ts'
import type { AskedApi } from '../datastore/request.ts'
import { readNamedFile } from '../files/read-named-file.ts'
import type { KubectlCluster } from '../hosts/kubectl.ts'
import { InputError } from '../input-error.ts'
import type { KubernetesTarget } from './kubernetes-target.ts'
import type { LeasedHosts } from './leased-hosts.ts'

/** Where etcd is. Everything left out is filled from the running flanneld, then from flannel's defaults. */
export interface EtcdTarget {
  readonly endpoints?: readonly string[]
  readonly prefix?: string
  readonly api?: AskedApi
  /** PEM files on this machine, absolute. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly user?: string
  readonly password?: string
  /** Host URL of the host whose network reaches etcd. */
  readonly via?: string
}

export interface ContainerTarget {
  readonly name: string
  /** `netns://NAME`, a namespace of the container's host however that is reached. */
  readonly via: string
}

export interface HostTarget {
  readonly name: string
  /** Host URL. */
  readonly via: string
  readonly subnetFile?: string
  readonly flanneldPid?: number
  /** Where the flanneld of this host writes its log, when that is a file. */
  readonly flanneldLog?: string
  readonly dockerSocket?: string
  /** Output of mk-docker-opts.sh that the host's Docker reads. */
  readonly dockerOptionsFile?: string
  /** ssh_config(5) that is read before the user's own, absolute; for ssh:// hosts. */
  readonly sshConfig?: string
  /** The inventory's folder; for vagrant:// hosts. */
  readonly vagrantFolder?: string
  /** Which cluster kubectl asks; for kubectl:// hosts. */
  readonly kubectl?: KubectlCluster
  /** Absent: to be discovered. */
  readonly containers?: readonly ContainerTarget[]
}

export interface Inventory {
  readonly etcd: EtcdTarget
  /** Set where Kubernetes keeps the leases; nothing is then asked of an etcd. */
  readonly kubernetes?: KubernetesTarget
  readonly hosts: readonly HostTarget[]
  /** Further hosts are those of the leases, which are read first. */
  readonly fromLeases?: LeasedHosts
  /** True when every host of the network was named, so that a lease without a host is suspicious. */
  readonly complete: boolean
}

/** 10,000 hosts have about 2 MB. */
const MOST_INVENTORY_BYTES = 16 * 1024 * 1024

/** Reads an inventory file (YAML or JSON). Throws InputError with file, line, column, field and what was expected. */
export async function loadInventory(path: string): Promise<Inventory> {
  let text: string
  try {
    text = await readNamedFile(path, MOST_INVENTORY_BYTES)
  } catch (error) {
    throw new InputError(`inventory ${printable(path)}: ${(error as Error).message}`)
  }
  const { parseInventory } = await import('./parse.ts')
  return parseInventory(text, path)
}
