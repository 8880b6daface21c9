/**
 * How flanneld and Docker are restarted on a host, with further options where they are what is wrong: by their unit where
 * systemd runs them, else by their own command line, which `/proc` keeps. Both take the last of two values of an option.
 * Where flanneld is gone and no unit knows it, its log may say how it was started.
 */

import type { Fix, RestartStep } from '../heal-step.ts'
import type { Docker } from '../model/container-bridge.ts'
import type { FlanneldProcess } from '../model/daemon.ts'
import type { ServiceUnit } from '../model/service-unit.ts'
import { fillCommand, shellWord } from '../model/shell-words.ts'
import type { ClusterSnapshot, HostSnapshot } from '../model/snapshot.ts'
import { loggedStart } from './logged-start.ts'
import { restartPod } from './restart-pod.ts'
import { execDropIn } from './unit-drop-in.ts'

type Values = Readonly<Record<string, string | number | undefined>>
type Restart = Omit<Fix, 'host'>

const EFFECTS: Readonly<Record<RestartStep['restart'], string>> = {
  flanneld: 'flanneld reads configuration and leases again and writes links, routes and neighbours anew',
  docker: 'Docker takes its options from flannel again; its running containers restart',
}

function unitOf({ facts: { services } }: HostSnapshot, name: string): ServiceUnit | undefined {
  const unit = services.known ? services.value.get(`${name}.service`) : undefined
  return unit?.loadState === 'loaded' ? unit : undefined
}

/** Docker's client for that daemon: its socket where it has another than the usual one. */
export function dockerClient({ argv }: Pick<Docker, 'argv'>): string {
  const hosts = argv.flatMap((word, at) =>
    word === '-H' || word === '--host'
      ? (argv[at + 1] ?? [])
      : (/^(?:-H|--host=)(.+)$/.exec(word)?.[1] ?? []),
  )
  const socket = hosts.find((host) => /^unix:\/\/[\w./-]+$/.test(host))
  return socket === undefined ? 'docker' : `docker -H ${socket}`
}

/** What runs in Docker is started again after it: a container without a restart policy would stay down. */
const RUNNING = (client: string): string => `ids=$(${client} ps -q)`
const START = (client: string): string => `[ -z "$ids" ] || ${client} start $ids`

/** Variables of its environment as words in front of a command; undefined where one of them is masked. */
function environmentWords({ environment }: FlanneldProcess): string | undefined {
  const words = Object.entries(environment).map(([name, value]) =>
    /^\w+$/.test(name) && !value.includes('****') ? shellWord(`${name}=${value}`) : undefined,
  )
  if (words.includes(undefined)) return undefined
  return words.length === 0 ? '' : `env ${words.join(' ')} `
}

/** How a process is started again: variables in front, what is asked before it ends, and the script whose `"$@"` are its words. */
interface Again {
  readonly pid: number
  readonly environment?: string
  readonly before?: string
  /** Where it writes from now on, unless it wrote to a file of its own. */
  readonly log: string
  readonly script: string
  /** True where it may be ended at once when it has not ended within five seconds. */
  readonly isKillable?: true
}

/**
 * flanneld that has lost its peers tries for minutes to take away what is gone before it ends (retry-go in v0.26 and later); killed,
 * it leaves nothing that the next one does not write anew.
 */
const KILL_LATER = 'n=$((n+1)); [ $n != 50 ] || kill -KILL'

/** Ends a process, a stopped one too, and starts it again. */
function again({ pid, environment = '', before = '', log, script, isKillable }: Again): string | undefined {
  const out = `log=/proc/${pid}/fd/2; [ -f $log ] || log=${log}; exec >>$log 2>&1 </dev/null`
  const later = isKillable ? `${KILL_LATER} ${pid}; ` : ''
  const end = `kill ${pid}; kill -CONT ${pid}; ${isKillable ? 'n=0; ' : ''}while kill -0 ${pid} 2>/dev/null; do ${later}sleep 0.1; done`
  const word = shellWord(`${before}${out}; ${end}; ${script}`)
  return word && `xargs -0 -a /proc/${pid}/cmdline ${environment}setsid -f sh -c ${word} sh`
}

function flanneldAgain(
  { facts: { flanneld } }: HostSnapshot,
  options: string,
  chosen?: number,
): string | undefined {
  const processes = flanneld.known ? flanneld.value.processes : []
  const [daemon, ...others] = processes.filter(({ pid }) => chosen === undefined || pid === chosen)
  if (daemon === undefined || others.length > 0) return undefined
  const environment = environmentWords(daemon)
  if (environment === undefined) return undefined
  const script = `exec "$@"${options}`
  return again({ pid: daemon.pid, environment, log: '/run/flanneld.log', script, isKillable: true })
}

/** dockerd answers within seconds; the wait ends after half a minute. */
function dockerAgain({ facts: { docker } }: HostSnapshot, options: string): string | undefined {
  const pid = docker.known ? docker.value.pid : undefined
  if (!docker.known || pid === undefined) return undefined
  const client = dockerClient(docker.value)
  const ready = `n=0; until ${client} version >/dev/null 2>&1 || [ $n = 300 ]; do n=$((n+1)); sleep 0.1; done`
  const start = `"$@"${options} & ${ready}`
  return again({
    pid,
    before: `${RUNNING(client)}; `,
    log: '/run/dockerd.log',
    script: `${start}; ${START(client)}`,
  })
}

function byUnit(
  host: HostSnapshot,
  unit: ServiceUnit,
  { restart, options }: { readonly restart: RestartStep['restart']; readonly options: string },
): readonly Restart[] {
  const { docker } = host.facts
  const command = `systemctl restart ${restart}`
  const client = dockerClient(docker.known ? docker.value : { argv: [] })
  const last = {
    command: restart === 'docker' ? `${RUNNING(client)}; ${command}; ${START(client)}` : command,
    effect: EFFECTS[restart],
    restartProof: true,
  }
  if (options === '') return [last]
  const file = /['\\]/.test(options) ? undefined : execDropIn(unit, options)
  if (file === undefined) return []
  return [
    { ...file, effect: `${restart} is started with${options}`, restartProof: true },
    { command: 'systemctl daemon-reload', effect: 'systemd reads the file', restartProof: true },
    last,
  ]
}

interface Asked extends RestartContext {
  readonly options: string
}

/** What a restart is filled with; the others of the network tell which program a flanneld was that is gone. */
export interface RestartContext {
  readonly values: Values
  readonly snapshot: ClusterSnapshot
}

/** By its unit, by its own words, or by those that its log has kept. */
function restartsOf(host: HostSnapshot, step: Omit<RestartStep, 'on'>, asked: Asked): readonly Restart[] {
  const { restart, pid } = step
  const { options, values, snapshot } = asked
  const unit = unitOf(host, restart)
  if (unit) return byUnit(host, unit, { restart, options })
  const own = pid === undefined ? undefined : Number(values[pid])
  const command =
    restart === 'docker'
      ? dockerAgain(host, options)
      : isGone(host)
        ? loggedStart(host, snapshot, options)
        : flanneldAgain(host, options, own)
  return command === undefined ? [] : [{ command, effect: EFFECTS[restart], restartProof: false }]
}

function isGone({ facts: { flanneld } }: HostSnapshot): boolean {
  return flanneld.known && flanneld.value.processes.length === 0
}

/** The commands that restart a daemon on a host; none where nothing collected says how. */
export function restartFix(
  host: HostSnapshot,
  step: Omit<RestartStep, 'on'>,
  context: RestartContext,
): readonly Fix[] {
  const pod = step.restart === 'flanneld' ? restartPod(host, context.snapshot) : undefined
  // Its options are those of the DaemonSet, for every node at once.
  if (pod !== undefined) return step.options === undefined ? [pod] : []
  const filled = (step.options ?? []).map((option) => fillCommand(option, context.values))
  if (filled.includes(undefined)) return []
  const options = filled.map((option) => ` ${option}`).join('')
  const fixes = restartsOf(host, step, { ...context, options })
  const needed = fillCommand(['ls', ...(step.files ?? [])].join(' '), context.values)
  if (needed === undefined) return []
  return fixes.map(({ command, ...fix }) => ({
    host: host.host,
    ...fix,
    command: step.files === undefined ? command : `${needed} >/dev/null && { ${command}; }`,
  }))
}
