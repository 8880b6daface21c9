/** The kernel's counters of one network, read in one go before and after a probe. */

import type { CountedRule } from '../../../checks/model/trace-observation.ts'
import type { Runner } from '../../hosts/command/runner.ts'
import { SYSTEM_PATH } from '../own/guarded-command.ts'
import { parseRuleCounters } from './rule-counters.ts'

/** Counters of one network at one moment. Anything that could not be read is not in it. */
export interface Counters {
  /** `Ip.InAddrErrors`, `TcpExt.IPReversePathFilter` …: protocol and name as in /proc/net/snmp and netstat. */
  readonly protocols: ReadonlyMap<string, number>
  /** Per link `rx.dropped`, `tx.carrier_errors`, `rx.otherhost` …: the names of `ip -s -s -j link`. */
  readonly links: ReadonlyMap<string, ReadonlyMap<string, number>>
  readonly rules: readonly CountedRule[]
}

const SEPARATOR = '== '
/**
 * Rules are read with both backends of iptables: each shows only its own. The legacy one is asked only where it
 * has tables, because asking loads its modules.
 */
const SCRIPT = `
PATH=${SYSTEM_PATH}
exec 2>/dev/null
echo '${SEPARATOR}snmp'; cat /proc/net/snmp /proc/net/netstat
echo '${SEPARATOR}links'; ip -s -s -j link
echo '${SEPARATOR}nft'; iptables-nft-save -c
echo '${SEPARATOR}legacy'
if [ -s /proc/net/ip_tables_names ]; then
  iptables-legacy-save -c || iptables-save -c
fi
exit 0
`

/** Two lines per protocol: `Ip: Forwarding DefaultTTL …` and `Ip: 1 64 …`. */
function parseProtocols(text: string): ReadonlyMap<string, number> {
  const counters = new Map<string, number>()
  const lines = text.split('\n')
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const [protocol = '', ...names] = (lines[i] ?? '').split(' ')
    const [again, ...values] = (lines[i + 1] ?? '').split(' ')
    if (protocol !== again) continue
    names.forEach((name, k) => {
      const value = Number(values[k])
      if (Number.isFinite(value)) counters.set(`${protocol.replace(':', '')}.${name}`, value)
    })
  }
  return counters
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function linkCounters(stats: unknown): ReadonlyMap<string, number> {
  const counters = new Map<string, number>()
  for (const way of ['rx', 'tx']) {
    const values = isRecord(stats) ? stats[way] : undefined
    if (!isRecord(values)) continue
    for (const [name, value] of Object.entries(values)) {
      if (typeof value === 'number') counters.set(`${way}.${name}`, value)
    }
  }
  return counters
}

function parseLinks(text: string): Counters['links'] {
  try {
    const links: unknown = JSON.parse(text)
    if (!Array.isArray(links)) return new Map()
    return new Map(
      links.flatMap((link: unknown) =>
        isRecord(link) && typeof link.ifname === 'string'
          ? [[link.ifname, linkCounters(link.stats64)] as const]
          : [],
      ),
    )
  } catch {
    return new Map() // an ip without JSON (BusyBox): its links are not counted
  }
}

function sectionsOf(text: string): ReadonlyMap<string, string> {
  const parts = text.split(new RegExp(`^${SEPARATOR}`, 'm')).slice(1)
  return new Map(
    parts.map((part) => {
      const end = part.indexOf('\n')
      return [part.slice(0, end), part.slice(end + 1)] as const
    }),
  )
}

/** What the script printed, as counters. */
export function parseCounters(text: string): Counters {
  const sections = sectionsOf(text)
  const section = (name: string): string => sections.get(name) ?? ''
  return {
    protocols: parseProtocols(section('snmp')),
    links: parseLinks(section('links')),
    rules: [...parseRuleCounters('nft', section('nft')), ...parseRuleCounters('legacy', section('legacy'))],
  }
}

/** Reads all counters of a network with one command. Rejects with RunnerError when the host cannot be reached. */
export async function readCounters(runner: Runner): Promise<Counters> {
  const { stdout } = await runner.run(['sh', '-s'], { stdin: SCRIPT })
  return parseCounters(Buffer.from(stdout).toString('utf8'))
}
