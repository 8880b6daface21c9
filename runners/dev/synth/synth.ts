/**
 * `npm run synth -- --hosts N [--leases N] [--fault KIND]… DIR`: the saved state of a vxlan network of many hosts, made
 * of a recorded one, the same in every run.
 */
import { parseArgs } from 'node:util'
import { plannedHost } from './network-plan.ts'
import { PEER_FAULTS } from './peer-entries.ts'
import { writeNetwork } from './write-network.ts'

const MOST_HOSTS = 5000
const USAGE = `usage: npm run synth -- --hosts 2..${MOST_HOSTS} [--leases N] [--fault ${Object.keys(PEER_FAULTS).join('|')}]… DIR`

function refuse(): never {
  console.error(USAGE)
  process.exit(2)
}

function wordsOf(argv: readonly string[]) {
  const options = {
    hosts: { type: 'string' },
    leases: { type: 'string' },
    fault: { type: 'string', multiple: true },
  } as const
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true })
  } catch {
    return refuse()
  }
}

const { values, positionals } = wordsOf(process.argv.slice(2))
const [dir] = positionals
const hosts = Number(values.hosts)
const faults = values.fault ?? []
const leases = Number(values.leases ?? hosts)
const inRange = (count: number, most: number): boolean =>
  Number.isInteger(count) && count >= 2 && count <= most
if (dir === undefined || positionals.length > 1 || !inRange(hosts, MOST_HOSTS) || !inRange(leases, hosts))
  refuse()
if (faults.some((fault) => !Object.hasOwn(PEER_FAULTS, fault))) refuse()
for (const { fault, host, peer } of writeNetwork(dir, { hosts, leases, faults })) {
  console.log(`${fault}: ${plannedHost(host).name}, for its peer ${plannedHost(peer).name}`)
}
