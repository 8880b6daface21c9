/**
 * How flanneld and Docker are restarted on a host: by their unit where systemd runs them, flanneld else by its own
 * command line, which `/proc` keeps. Where a daemon is gone and no unit knows it, nobody can say how it was started.
 */

import type { Fix, RestartStep } from '../heal-step.ts'
import type { FlanneldProcess } from '../model/daemon.ts'
import type { ServiceUnit } from '../model/service-unit.ts'
import { shellWord } from '../model/shell-words.ts'
import type { HostSnapshot } from '../model/snapshot.ts'

function unitOf({ facts: { services } }: HostSnapshot, name: string): ServiceUnit | undefined {
  const unit = services.known ? services.value.get(`${name}.service`) : undefined
  return unit?.loadState === 'loaded' ? unit : undefined
}

/** Variables of its environment as words in front of a command; undefined where one of them is masked. */
function environmentWords({ environment }: FlanneldProcess): string | undefined {
  const words = Object.entries(environment).map(([name, value]) =>
    /^\w+$/.test(name) && !value.includes('****') ? shellWord(`${name}=${value}`) : undefined,
  )
  if (words.includes(undefined)) return undefined
  return words.length === 0 ? '' : `env ${words.join(' ')} `
}

/** Ends a flanneld, a stopped one too, and starts it again with the words it was started with. */
function byItsOwnWords(process: FlanneldProcess): string | undefined {
  const environment = environmentWords(process)
  if (environment === undefined) return undefined
  const { pid } = process
  const script = `kill ${pid}; kill -CONT ${pid}; while kill -0 ${pid} 2>/dev/null; do sleep 0.1; done; exec "$@" </dev/null >>/run/flanneld.log 2>&1`
  return `xargs -0 -a /proc/${pid}/cmdline ${environment}setsid -f sh -c '${script}' sh`
}

function flanneldFix(host: HostSnapshot): Pick<Fix, 'command' | 'restartProof'> | undefined {
  const { flanneld } = host.facts
  if (unitOf(host, 'flanneld')) return { command: 'systemctl restart flanneld', restartProof: true }
  const [process, ...others] = flanneld.known ? flanneld.value.processes : []
  const command = process && others.length === 0 ? byItsOwnWords(process) : undefined
  return command === undefined ? undefined : { command, restartProof: false }
}

const EFFECTS: Readonly<Record<RestartStep['restart'], string>> = {
  flanneld: 'flanneld reads configuration and leases again and writes links, routes and neighbours anew',
  docker: 'Docker takes its options from flannel again; its containers restart',
}

/** The command that restarts a daemon on a host; none where nothing collected says how. */
export function restartFix(host: HostSnapshot, { restart }: RestartStep): readonly Fix[] {
  const found =
    restart === 'flanneld'
      ? flanneldFix(host)
      : unitOf(host, 'docker') && { command: 'systemctl restart docker', restartProof: true }
  return found ? [{ host: host.host, effect: EFFECTS[restart], ...found }] : []
}
