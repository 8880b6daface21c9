/** Every fact of a host, in the order in which its sections run. */
import type { HostFactName } from '../../../checks/model/snapshot.ts'
import type { FactCollector } from '../section/section.ts'
import { addresses } from './addresses.ts'
import { cni } from './cni.ts'
import { containers } from './containers.ts'
import { docker } from './docker.ts'
import { dockerOptions } from './docker-options.ts'
import { fdb } from './fdb.ts'
import { flanneld } from './flanneld.ts'
import { flanneldLog } from './flanneld-log.ts'
import { ip6tables } from './ip6tables.ts'
import { ip6tablesLegacy } from './ip6tables-legacy.ts'
import { ipsets } from './ipsets.ts'
import { iptables } from './iptables.ts'
import { iptablesLegacy } from './iptables-legacy.ts'
import { ipv6 } from './ipv6.ts'
import { ipvs } from './ipvs.ts'
import { kernel } from './kernel.ts'
import { linkOwners } from './link-owners.ts'
import { links } from './links.ts'
import { neighbours } from './neighbours.ts'
import { netConf } from './net-conf.ts'
import { nftables } from './nftables.ts'
import { offloads } from './offloads.ts'
import { routes } from './routes.ts'
import { rules } from './rules.ts'
import { services } from './services.ts'
import { sockets } from './sockets.ts'
import { subnetEnv } from './subnet-env.ts'
import { sysctls } from './sysctls.ts'
import { tlsFiles } from './tls-files.ts'
import { trafficControl } from './traffic-control.ts'
import { xfrm } from './xfrm.ts'

const BY_NAME: { readonly [K in HostFactName]: FactCollector<K> } = {
  kernel,
  flanneld,
  flanneldLog,
  subnetEnv,
  links,
  addresses,
  routes,
  ipv6,
  rules,
  neighbours,
  fdb,
  sysctls,
  sockets,
  iptables,
  iptablesLegacy,
  ip6tables,
  ip6tablesLegacy,
  nftables,
  docker,
  dockerOptions,
  services,
  containers,
  tlsFiles,
  offloads,
  linkOwners,
  ipsets,
  ipvs,
  xfrm,
  trafficControl,
  cni,
  netConf,
}

/** One collector per key of HostFacts; the type of the table makes a missing one a compile error. */
export const FACT_COLLECTORS: readonly FactCollector[] = Object.values(BY_NAME)
