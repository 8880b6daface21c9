/** Hosts that are no lab: flanneld is ended and started through systemd where it is a unit there. */
import type { HostName } from '../../../checks/model/snapshot.ts'
import type { Runner } from '../../hosts/command/runner.ts'
import { makeRunner } from '../../hosts/make-runner.ts'
import type { HostTarget, Inventory } from '../../inventory/inventory.ts'
import type {
  CommandControl,
  EndingSignal,
  FlanneldControl,
  HostControl,
} from '../../lab/control/host-control.ts'
import { awaitSeen } from './await-seen.ts'
import { ScenarioError } from './scenario.ts'

/** Names under which packages install it. */
const UNITS = ['flanneld.service', 'flannel.service']
/** A unit of Type=notify is started when flanneld has written subnet.env. */
const MOVE_MS = 60_000

interface Served {
  readonly runner: Runner
  readonly unit: string
}

type Said = Awaited<ReturnType<CommandControl['run']>>

async function say(runner: Runner, argv: readonly string[]): Promise<Said> {
  const { end, stdout, stderr } = await runner.run(argv, { timeoutMs: MOVE_MS })
  return { ok: 'exit' in end && end.exit === 0, stdout: Buffer.from(stdout).toString('utf8'), stderr }
}

/** ExecMainCode is the CLD_ code of waitid(2): 1 exited, 2 killed, 3 dumped. */
async function lastEnd({ runner, unit }: Served): Promise<string | undefined> {
  const { stdout } = await say(runner, [
    'systemctl',
    'show',
    '-p',
    'ExecMainCode',
    '-p',
    'ExecMainStatus',
    unit,
  ])
  const code = /^ExecMainCode=(\d+)/m.exec(stdout)?.[1]
  const status = /^ExecMainStatus=(\d+)/m.exec(stdout)?.[1]
  if (code === undefined || code === '0' || status === undefined) return undefined
  return code === '1' ? `exit ${status}` : `signal ${status}`
}

async function order(runner: Runner, argv: readonly string[]): Promise<void> {
  const { ok, stderr } = await say(runner, argv)
  if (!ok) throw new ScenarioError(`${argv.join(' ')} on ${runner.host}: ${stderr.trim()}`)
}

/** The unit that runs flanneld on a host; undefined where there is none. */
async function unitOf(runner: Runner): Promise<string | undefined> {
  for (const unit of UNITS)
    if ((await say(runner, ['systemctl', 'is-active', '--quiet', unit])).ok) return unit
  return undefined
}

/** SIGKILL would be answered by Restart=: what is stopped first stays down. */
function orders(unit: string, signal: EndingSignal): readonly (readonly string[])[] {
  const stop = ['systemctl', 'stop', unit]
  return signal === 'SIGTERM' ? [stop] : [['systemctl', 'kill', '--signal=SIGKILL', unit], stop]
}

function flanneldOf(units: ReadonlyMap<HostName, Served>): FlanneldControl {
  const at = (host: HostName): Served => {
    const found = units.get(host)
    if (found === undefined) throw new ScenarioError(`flanneld of ${host} is no systemd unit`)
    return found
  }
  const isRunning = async (host: HostName): Promise<boolean> =>
    (await say(at(host).runner, ['systemctl', 'is-active', '--quiet', at(host).unit])).ok
  return {
    end: async (host, signal) => {
      const { runner, unit } = at(host)
      for (const argv of orders(unit, signal)) await order(runner, argv)
    },
    start: async (host) => {
      await order(at(host).runner, ['systemctl', 'start', at(host).unit])
      const patience = { signal: AbortSignal.timeout(MOVE_MS) }
      const started = await awaitSeen(patience, MOVE_MS, async () =>
        (await isRunning(host)) ? undefined : `flanneld of ${host} does not come up`,
      )
      if (started.missing !== undefined) throw new ScenarioError(started.missing)
    },
    isRunning,
    adopt: async () => {}, // systemd is the starter and remembers
    lastEnd: async (host) => lastEnd(at(host)),
    log: async (host) => {
      const { runner, unit } = at(host)
      return (await say(runner, ['journalctl', '--no-pager', '-o', 'cat', '-b', '-u', unit])).stdout
    },
  }
}

async function unitsOf(hosts: readonly HostTarget[], tell: (line: string) => void) {
  const units = new Map<HostName, Served>()
  for (const host of hosts) {
    const { name } = host
    const runner = makeRunner(name, host.via, host)
    const unit = await unitOf(runner)
    if (unit === undefined) tell(`${name}: no running systemd unit ${UNITS.join(' or ')}`)
    else units.set(name, { runner, unit })
  }
  return units
}

/**
 * The control of the hosts of an inventory: the flanneld of each where every one is a systemd unit, else
 * nothing. Nothing is written into their datastore and no link or route is touched.
 */
export async function systemdControl(
  inventory: Inventory,
  tell: (line: string) => void,
): Promise<HostControl> {
  const units = await unitsOf(inventory.hosts, tell)
  const all = inventory.hosts.length > 0 && units.size === inventory.hosts.length
  return { inventory: async () => inventory, ...(all ? { flanneld: flanneldOf(units) } : {}) }
}
