/** What a Kubernetes lab cannot be combined with. */
import { usage } from '../lab-error.ts'
import type { LabOptions } from './plan.ts'

/** flannel's Kubernetes subnet manager begins with v0.7.0; udp needs etcd's subnets no more than the others, but no cluster runs it. */
const ETCD_ONLY: readonly (keyof LabOptions)[] = ['tls', 'prefix', 'fakePeers', 'numberedSubnets']

function refuseForCluster({ linkOptions, flanneldOptions, ipMasq }: LabOptions): void {
  if (linkOptions === undefined && flanneldOptions === undefined && ipMasq !== false) return
  usage("in a cluster flanneld runs with the options of flannel's own manifest")
}

/** Throws LabError for options that only a lab with etcd as flannel's datastore has. */
export function refuseForKubernetes(options: LabOptions): void {
  if (options.lab === 'docker') usage('a Kubernetes lab is made of namespaces: leave --lab docker out')
  if (options.docker === 'real')
    usage('in a Kubernetes lab CNI plugins make the containers: leave --docker real out')
  if (options.etcdApi === 'v2')
    usage('the API server of a Kubernetes lab speaks etcd v3: leave --etcd-api v2 out')
  if (options.backend === 'udp') usage('a Kubernetes lab runs vxlan and host-gw')
  if (options.kubernetes === 'cluster') refuseForCluster(options)
  for (const name of ETCD_ONLY) {
    if (options[name] !== undefined && options[name] !== false)
      usage(`${name} is for labs whose leases are in etcd, not for a Kubernetes lab`)
  }
}
