/**
 * flanneld tells systemd that it is ready after it has written subnet.env (flannel `main.go`,
 * `daemon.SdNotify`), so that an order of units is enough: Docker after flanneld, with the variables of
 * mk-docker-opts.sh in its command line. It ends with status 0 when its lease is lost (v0.8.0 to v0.17.0,
 * and v0.21.3 and later; status 2 between), which Restart=on-failure takes for success.
 */
import type { Draft } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { servesSubnet } from '../expected/docker-option.ts'
import { isSince } from '../expected/generation.ts'
import { keep, run } from '../heal/steps.ts'
import type { Flanneld } from '../model/daemon.ts'
import type { ServiceUnit } from '../model/service-unit.ts'
import { optionsAsOneWord, optionsNotRead } from './docker-unit-options.ts'

type Code = 'docker-before-flannel' | 'options-not-read' | 'options-as-one-word' | 'restart-on-failure-only'

/** systemd.service(5), table of Restart=: settings that leave a service down after a clean end. */
const NOT_AFTER_SUCCESS = new Set(['no', 'on-failure', 'on-abnormal', 'on-abort', 'on-watchdog'])
/** The same for an end with another exit status. */
const NOT_AFTER_FAILURE = new Set(['no', 'on-abnormal', 'on-abort', 'on-watchdog'])

/** A unit that systemd has loaded and starts or tries to. */
function isInUse(unit: ServiceUnit | undefined): unit is ServiceUnit {
  return unit?.loadState === 'loaded' && unit.activeState !== 'inactive'
}

/** True when flanneld starts before Docker: directly, through a unit or target between them, or through another unit of flannel. */
function isOrdered(flanneld: ServiceUnit, docker: ServiceUnit): boolean {
  const before = new Set([docker.name, ...docker.after])
  return (
    flanneld.before.some((name) => before.has(name)) || docker.after.some((name) => /flannel/i.test(name))
  )
}

/** A file below /run that must exist enforces the order: it is gone after a boot until mk-docker-opts.sh has run. */
function waitsForFile({ environmentFiles }: ServiceUnit): boolean {
  return environmentFiles.some(({ path, optional }) => !optional && path.startsWith('/run/'))
}

/** Exit status of a flanneld that loses its lease; undefined where it stays or its version is unknown. */
function lostLeaseStatus(version: string | undefined): 0 | 2 | undefined {
  if (isSince(version, 'v0.8.0') !== true) return undefined
  return isSince(version, 'v0.18.0') && !isSince(version, 'v0.21.3') ? 2 : 0
}

/** Exit status after which flanneld would stay down, or has: what the running one gives, else what the last one gave. */
function endStatus(unit: ServiceUnit, { processes }: Flanneld): number | undefined {
  if (unit.activeState !== 'inactive') return lostLeaseStatus(processes[0]?.version)
  return processes.length === 0 ? unit.exitStatus : undefined
}

function* restart(unit: ServiceUnit | undefined, flanneld: Flanneld): Iterable<Draft<Code>> {
  if (unit?.loadState !== 'loaded' || unit.restart === undefined) return
  const status = endStatus(unit, flanneld)
  const stays = status === 0 ? NOT_AFTER_SUCCESS : NOT_AFTER_FAILURE
  if (status === undefined || !stays.has(unit.restart)) return
  const observed = `Restart=${unit.restart}`
  const code = 'restart-on-failure-only'
  yield { code, object: unit.name, expected: 'Restart=always', observed, data: { status } }
}

export const check = defineHostCheck({
  id: 'daemon/unit-order',
  title: 'systemd units of flanneld and Docker',
  backends: 'any',
  needs: ['services', 'docker', 'dockerOptions', 'flanneld', 'subnetEnv', 'links', 'addresses'],
  needsExpected: false,
  findings: {
    'docker-before-flannel': {
      severity: 'warning',
      confidence: 'likely',
      says: 'docker.service on {host} is not ordered after flanneld.service: at the next boot Docker may start without the lease and take 172.17.0.0/16',
      fix: 'Give docker.service a drop-in (`systemctl edit docker`) with After=flanneld.service and Wants=flanneld.service under [Unit]; flanneld.service should have Type=notify.',
      heal: [
        keep(
          "mkdir -p /etc/systemd/system/docker.service.d && printf '[Unit]\\nAfter=flanneld.service\\nWants=flanneld.service\\n' > /etc/systemd/system/docker.service.d/flannel.conf",
          'Docker starts after flanneld',
          'rm /etc/systemd/system/docker.service.d/flannel.conf',
        ),
        run('systemctl daemon-reload', 'systemd reads the file'),
      ],
      explains: [
        { code: 'bridge/docker-options-file:not-used', when: 'same-host' },
        { code: 'bridge/docker-options:bip-differs', when: 'same-host' },
        { code: 'bridge/docker-options:mtu-differs', when: 'same-host' },
      ],
    },
    'options-not-read': {
      severity: 'warning',
      confidence: 'likely',
      says: 'docker.service on {host} does not take its options from {path} ({observed}): Docker starts without --bip and --mtu of the lease',
      fix: 'Give docker.service a drop-in with EnvironmentFile=-{path} and the variable {variable} in ExecStart, then `systemctl daemon-reload` and `systemctl restart docker`.',
      explains: [
        { code: 'bridge/docker-options-file:not-used', when: 'same-host' },
        { code: 'bridge/docker-options:bip-differs', when: 'same-host' },
        { code: 'bridge/docker-options:mtu-differs', when: 'same-host' },
        { code: 'bridge/docker-options:ip-masq-differs', when: 'same-host' },
      ],
    },
    'options-as-one-word': {
      severity: 'warning',
      confidence: 'certain',
      says: 'ExecStart of docker.service on {host} has {variable} in braces: there all its options are one word, which dockerd refuses',
      fix: 'Write {expected} without braces in ExecStart (`systemctl edit docker`), then `systemctl daemon-reload` and `systemctl restart docker`.',
      explains: [
        { code: 'bridge/docker-options-file:not-used', when: 'same-host' },
        { code: 'bridge/docker-options:bip-differs', when: 'same-host' },
        { code: 'bridge/docker-options:mtu-differs', when: 'same-host' },
        { code: 'bridge/docker-options:ip-masq-differs', when: 'same-host' },
      ],
    },
    'restart-on-failure-only': {
      severity: 'info',
      confidence: 'certain',
      says: '{object} on {host} has {observed}: flanneld ends with status {status} when its lease is lost and would stay down',
      fix: 'Set Restart=always in flanneld.service (`systemctl edit flanneld`).',
      heal: [
        keep(
          "mkdir -p /etc/systemd/system/flanneld.service.d && printf '[Service]\\nRestart=always\\n' > /etc/systemd/system/flanneld.service.d/restart.conf",
          'flanneld is started again however it ends',
          'rm /etc/systemd/system/flanneld.service.d/restart.conf',
        ),
        run('systemctl daemon-reload', 'systemd reads the file'),
      ],
    },
  },
  *evaluate({ facts }) {
    const { services, docker, dockerOptions, flanneld, subnetEnv, links, addresses } = facts
    const [unit, dockerUnit] = [services.get('flanneld.service'), services.get('docker.service')]
    yield* restart(unit, flanneld)
    if (!isInUse(unit) || !isInUse(dockerUnit)) return
    const { subnet } = subnetEnv
    if (subnet === undefined) return yield { unsure: `${subnetEnv.path} has no readable FLANNEL_SUBNET` }
    if (!servesSubnet({ links, addresses, docker, subnet })) return
    const isFixed = docker.daemonJson.bip !== undefined || waitsForFile(dockerUnit)
    if (!isFixed && !isOrdered(unit, dockerUnit)) {
      const observed = `After=${dockerUnit.after.join(' ')}`
      yield {
        code: 'docker-before-flannel',
        object: dockerUnit.name,
        expected: 'After=flanneld.service',
        observed,
      }
    }
    yield* optionsAsOneWord(dockerUnit, dockerOptions)
    yield* optionsNotRead(dockerUnit, docker, dockerOptions)
  },
})
