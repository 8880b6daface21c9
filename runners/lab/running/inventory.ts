/** The inventory file of a lab, so that every other command can be pointed at it. */
import { writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import type { EngineContainer } from '../place.ts'
import type { LabHost, LabState } from './state.ts'

/** Containers of a real Docker are left out: they are discovered through its socket. */
function inventoryHost(host: LabHost, isCluster: boolean) {
  if (host.engine !== undefined) return dockerInventoryHost(host, host.engine)
  if (host.mounts !== undefined) return nodeInventoryHost(host, { mounts: host.mounts, isCluster })
  const containers = host.containers.map(({ name, namespace }) => ({ name, via: `netns://${namespace}` }))
  return {
    name: host.name,
    via: `netns://${host.namespace}`,
    subnetFile: host.subnetFile,
    flanneldPid: host.flanneldPid,
    flanneldLog: host.flanneldLog,
    ...(host.dockerSocket === undefined ? { containers } : { dockerSocket: host.dockerSocket }),
  }
}

/** A container has files and process ids of its own. Its own containers are named as it names them. */
function dockerInventoryHost(host: LabHost, engine: EngineContainer) {
  const containers = host.containers.map(({ name, namespace }) => ({ name, via: `netns://${namespace}` }))
  return {
    name: host.name,
    via: dockerUrl(engine),
    subnetFile: host.subnetFile,
    flanneldLog: host.flanneldLog,
    containers,
  }
}

/** A node has its files at their usual paths. The networks of a cluster's pods have no names there: they are discovered. */
function nodeInventoryHost(
  { name, namespace, flanneldPid, flanneldLog, containers }: LabHost,
  { mounts, isCluster }: { readonly mounts: number; readonly isCluster: boolean },
) {
  return {
    name,
    via: `netns://${namespace}@${mounts}`,
    flanneldPid,
    flanneldLog,
    ...(isCluster
      ? {}
      : { containers: containers.map((each) => ({ name: each.name, via: `netns://${each.namespace}` })) }),
  }
}

const dockerUrl = ({ container, socket }: EngineContainer): string => `docker://${container}@${socket}`

/** Where flannel's leases are. */
function datastoreOf(lab: LabState) {
  if (lab.kubernetes !== undefined) {
    const { kubeconfig } = lab.kubernetes
    return { datastore: { kube: { kubeconfig, via: `netns://${lab.switchNamespace}` } } }
  }
  const etcd = {
    endpoints: [lab.endpoint],
    prefix: lab.prefix,
    api: lab.etcdApi,
    ...lab.tls,
    via: lab.engine === undefined ? `netns://${lab.switchNamespace}` : dockerUrl(lab.engine),
  }
  return { etcd }
}

/** Beside the inventory of a cluster: one that enters its nodes as a user of the cluster does. */
export const kubectlInventory = ({ directory }: LabState): string => `${directory}/kubectl.yaml`

/** Writes it. */
export function writeInventory(lab: LabState): void {
  const write = (path: string, hosts: readonly object[]): void =>
    writeFileSync(path, stringify({ ...datastoreOf(lab), hosts }, { lineWidth: 0 }))
  const isCluster = lab.kubernetes?.cluster === true
  write(
    lab.inventory,
    lab.hosts.map((host) => inventoryHost(host, isCluster)),
  )
  if (isCluster)
    write(
      kubectlInventory(lab),
      lab.hosts.map(({ name }) => ({ name, via: `kubectl://${name}` })),
    )
}
