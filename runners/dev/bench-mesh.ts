/** Sixty-four pings between containers of nine hosts, beside other pingers, one process each, started in parallel. */
import { existsSync } from 'node:fs'
import { posixQuote } from '../hosts/command/quote.ts'
import { loadInventory } from '../inventory/inventory.ts'
import { namespacePath } from '../inventory/namespace.ts'
import { withLab } from '../lab/build/up.ts'
import { planProbes } from '../probe/plan.ts'
import type { PlannedPing } from '../probe/planned-ping.ts'
import { type SendSettings, sendPings } from '../probe/send.ts'
import { collectCluster } from '../run/collecting/collect-cluster.ts'
import { commandPath } from '../setup/search-path.js'
import { command, compare, millisecondsOf, skipped } from './measure.ts'

const HOSTS = 9
const PATHS = 64
/** Requests per path, 20 ms apart, as `--probe` sends them. */
const COUNT = 3
const ROUNDS = 11

/** The words of another pinger for one address, or undefined where it is not installed. */
interface Other {
  readonly name: string
  readonly path: string | undefined
  readonly words: (address: string) => readonly string[]
}

/** Where Debian's monitoring-plugins-basic has it. */
const CHECK_ICMP = '/usr/lib/nagios/plugins/check_icmp'

const OTHERS: readonly Other[] = [
  {
    name: 'check_icmp',
    path: existsSync(CHECK_ICMP) ? CHECK_ICMP : undefined,
    words: (address) => ['-H', address, '-n', `${COUNT}`, '-i', '20ms'],
  },
  {
    name: 'fping',
    path: commandPath('fping'),
    words: (address) => ['-q', '-C', `${COUNT}`, '-p', '20', address],
  },
]

interface MeshPing {
  readonly ping: PlannedPing
  /** Path of the network namespace it is sent from. */
  readonly namespace: string
}

/** One shell that starts them all; it fails when one of them does. */
function script(pings: readonly MeshPing[], { path = '', words }: Other): string {
  const jobs = pings.map(({ ping, namespace }) => {
    const argv = ['nsenter', `--net=${namespace}`, path, ...words(ping.address)]
    return `${argv.map(posixQuote).join(' ')} >/dev/null 2>&1 & pids="$pids $!"`
  })
  return [...jobs, 'for pid in $pids; do wait $pid || exit 1; done', ''].join('\n')
}

async function ours(pings: readonly MeshPing[], settings: SendSettings): Promise<number> {
  return millisecondsOf(async () => {
    const planned = pings.map(({ ping }) => ping)
    const { observations } = await sendPings(planned, COUNT, settings)
    const lost = observations.filter(({ received }) => received === 0).length
    if (observations.length !== PATHS || lost > 0) throw new Error(`${lost} of ${observations.length} lost`)
  })
}

/** Prints the ratio to each other pinger that is installed. */
export async function benchMesh(): Promise<void> {
  await withLab({ hosts: HOSTS }, async (lab) => {
    const inventory = await loadInventory(lab.inventory)
    const settings = { concurrency: 8, signal: AbortSignal.timeout(600_000), targets: inventory.hosts }
    const { snapshot } = await collectCluster(inventory, settings)
    const pings = planProbes(snapshot).pings.flatMap((ping): readonly MeshPing[] => {
      const target = inventory.hosts.find(({ name }) => name === ping.from.host)
      const namespace = target && ping.source && namespacePath(target, ping.source.container)
      return ping.pattern === 'cc' && !ping.full && namespace !== undefined ? [{ ping, namespace }] : []
    })
    const mesh = pings.slice(0, PATHS)
    for (const other of OTHERS) {
      const what = `${PATHS} pings of a mesh beside ${PATHS} ${other.name} started in parallel`
      if (other.path === undefined) skipped(what, `${other.name} is not installed`)
      else {
        const stdin = script(mesh, other)
        const base = () => command(['sh', '-s'], stdin)
        await compare(what, { ours: () => ours(mesh, settings), base, aim: 1, pairs: ROUNDS })
      }
    }
  })
}
