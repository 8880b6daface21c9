/** Public IPs that are not the hosts' own addresses: the switch, their gateway, translates one to one. */

import { $ } from '../../hosts/command/zx.ts'
import { NETNS_DIR } from '../../hosts/netns.ts'
import { LabError } from '../lab-error.ts'
import type { LabPlan, PlannedHost } from '../plan/plan.ts'

const pairs = (hosts: readonly PlannedHost[], pair: (host: PlannedHost) => string): string =>
  hosts.map(pair).join(', ')

/** The destination of every packet to a public IP and the source of its translated packets. */
function rules(hosts: readonly PlannedHost[]): string {
  const inward = pairs(hosts, ({ publicIp, address }) => `${publicIp} : ${address}`)
  const outward = pairs(hosts, ({ publicIp, address }) => `${address} : ${publicIp}`)
  return [
    'add table ip one-to-one',
    'add chain ip one-to-one in { type nat hook prerouting priority -100 ; }',
    `add rule ip one-to-one in dnat to ip daddr map { ${inward} }`,
    'add chain ip one-to-one out { type nat hook postrouting priority 100 ; }',
    `add rule ip one-to-one out ct status dnat snat to ip saddr map { ${outward} }`,
  ].join(' ; ')
}

/** Writes the rules. A gateway that sends packets back where they came from would tell hosts the inner address. */
export async function translateAddresses({
  hosts,
  switchNamespace,
}: Pick<LabPlan, 'hosts' | 'switchNamespace'>): Promise<void> {
  const inSwitch = ['nsenter', `--net=${NETNS_DIR}/${switchNamespace}`, '--']
  const { ok, stderr } = await $`
    ${inSwitch} sysctl -q -w net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.underlay1.send_redirects=0
    ${inSwitch} nft ${rules(hosts)}`
  if (!ok) throw new LabError('failed', `the switch cannot translate addresses: ${stderr.trim()}`)
}
