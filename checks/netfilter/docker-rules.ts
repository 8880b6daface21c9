// dockerd writes its chains at its start and after a reload of firewalld only (moby
// `libnetwork/drivers/bridge/setup_ip_tables.go`, `setupIPChains`). `iptables -F` with `-X`, iptables-restore or
// `nft flush ruleset` takes them away: published ports and Docker's masquerade are gone until Docker restarts.
// flannel repairs its own rules within seconds, which hides the cause.

import { defineHostCheck } from '../define.ts'
import { RESTART_DOCKER } from '../heal/steps.ts'
import type { Docker } from '../model/container-bridge.ts'
import { named } from '../model/named.ts'
import type { Fact, HostSnapshot } from '../model/snapshot.ts'

const CHAIN = 'DOCKER'

/** True when dockerd leaves the firewall alone: `--iptables=false` or the same in daemon.json. */
function leavesFirewall({ argv, daemonJson }: Docker): boolean {
  return daemonJson.iptables === 'false' || argv.some((word) => /^--iptables=(false|0|f)$/i.test(word))
}

/** Whether any packet filter shows a chain or table of Docker; undefined when one of them could not be read. */
function isThere({ facts }: HostSnapshot): boolean | undefined {
  const worlds = [facts.iptables, facts.iptablesLegacy]
  if (worlds.some((fact) => fact.known && fact.value.chains.some(({ name }) => name === CHAIN))) return true
  const { nftables } = facts
  if (nftables.known && nftables.value.tables.some(({ name }) => name.startsWith('docker'))) return true
  const isRead = (fact: Fact<unknown>): boolean =>
    fact.known || fact.why === 'not-installed' || fact.why === 'not-applicable'
  return [...worlds, nftables].every(isRead) ? false : undefined
}

export const check = defineHostCheck({
  id: 'netfilter/docker-rules',
  title: "Docker's own chains",
  backends: 'any',
  needs: ['docker'],
  needsExpected: false,
  findings: {
    missing: {
      severity: 'warning',
      confidence: 'certain',
      says: 'dockerd runs on {host} and should keep chain DOCKER, but no packet filter has it: something has flushed the rules; published ports and isolation are gone',
      fix: 'Restart Docker on {host}, which writes its rules again; then find what flushed them (firewalld reload, iptables-restore, nft flush ruleset).',
      heal: [RESTART_DOCKER],
      explains: [
        { code: 'netfilter/container-masquerade:none', when: 'same-host' },
        { code: 'netfilter/flannel-forward-rules:missing', when: 'same-host' },
        { code: 'netfilter/masquerade:missing', when: 'same-host' },
      ],
    },
  },
  *evaluate({ host, facts: { docker }, cluster: { snapshot } }) {
    const collected = snapshot.hosts.get(host)
    if (!docker.running || docker.argv.length === 0 || leavesFirewall(docker) || collected === undefined)
      return
    const found = isThere(collected)
    if (found === undefined) return yield { unsure: 'not every packet filter of the host could be read' }
    if (!found) yield { code: 'missing', object: named('chain', CHAIN), observed: 'not present' }
  },
})
