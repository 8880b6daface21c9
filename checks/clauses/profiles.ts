/** What each profile asks for. */
import type { Profile } from './clause.ts'

/** One sentence per profile, for `list profiles` and certificates. */
export const PROFILE_SAYS: Readonly<Record<Profile, string>> = {
  core: 'configuration, leases, subnet.env, routing and forwarding of every host agree',
  vxlan: 'every VTEP is as flannel creates it and knows every peer; containers reach each other',
  'host-gw': 'every host routes the subnet of every peer to its public IP; containers reach each other',
  udp: 'every host has the tun link and the socket of its flanneld; containers reach each other',
  'docker-bridge': 'Docker runs with the options of subnet.env, and its bridge and containers fit the lease',
  'cni-bridge': 'the bridge of CNI and its containers fit the lease',
  kubernetes: 'every node has a podCIDR of its own and is annotated by the flanneld that runs on it',
  'ip-masq': 'flanneld -ip-masq has its rules, and they do what they are for',
  nftables: 'EnableNFTables: the table of flanneld is there and nothing outweighs it',
  'dual-stack': 'IPv4 and IPv6 side by side: the MTU; most of it is not judged yet',
  'lease-lifecycle': 'leases are taken, re-used, followed, changed and given up as they should be',
  resilience: 'what must survive a restart, a kill or an outage of etcd does, and the rest comes back',
}

/** The same of the profile that a plugin's clauses are in. */
export function pluginProfileSays(name: string): string {
  return `what the plugin ${name} asks of a network`
}
