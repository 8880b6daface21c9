/** The inventory file of a lab, so that every other command can be pointed at it. */
import { writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import type { LabHost, LabState } from './state.ts'

/** Containers of a real Docker are left out: they are discovered through its socket. */
function inventoryHost(host: LabHost) {
  const containers = host.containers.map(({ name, namespace }) => ({ name, via: `netns://${namespace}` }))
  return {
    name: host.name,
    via: `netns://${host.namespace}`,
    subnetFile: host.subnetFile,
    flanneldPid: host.flanneldPid,
    ...(host.dockerSocket === undefined ? { containers } : { dockerSocket: host.dockerSocket }),
  }
}

/** Writes it. */
export function writeInventory(lab: LabState): void {
  const etcd = {
    endpoints: [lab.endpoint],
    prefix: lab.prefix,
    api: lab.etcdApi,
    ...lab.tls,
    via: `netns://${lab.switchNamespace}`,
  }
  writeFileSync(lab.inventory, stringify({ etcd, hosts: lab.hosts.map(inventoryHost) }, { lineWidth: 0 }))
}
