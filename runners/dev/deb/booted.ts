/** A Debian that is booted: systemd is its first process, etcd and flanneld are units, and so is the package's check. */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { CommandResult } from '../../hosts/command/runner.ts'
import { run } from '../../hosts/command/spawn.ts'
import { DEFAULT_VERSION, installFlanneld } from '../../setup/flanneld.js'
import { type Step, says } from './says.ts'

const BOOT = fileURLToPath(new URL('boot.sh', import.meta.url))
const MINUTE = 60_000

/** A unit as the report asks for it. */
const FLANNELD = `[Unit]
Wants=etcd.service
After=etcd.service network-online.target
[Service]
Type=notify
ExecStart=/usr/local/bin/flanneld --etcd-endpoints=http://127.0.0.1:2379 --ip-masq
Restart=always
[Install]
WantedBy=multi-user.target
`

/** What the unit says, and what it ends with. */
const CHECK = `systemctl start flannel-doctor.service; status=$?
journalctl --unit flannel-doctor --output cat --no-pager --lines 60; echo "status $status"`
const METRICS = '/var/lib/prometheus/node-exporter/flannel.prom'

const STEPS: readonly Step[] = [
  ['systemctl is-system-running --wait || [ $? = 1 ]', /^(running|degraded)$/m],
  [
    `ETCDCTL_API=3 etcdctl put /coreos.com/network/config '{"Network":"10.9.0.0/16","Backend":{"Type":"vxlan"}}'`,
    /^OK$/m,
  ],
  ['systemctl enable --now flanneld && systemctl is-active flanneld', /^active$/m],
  // Docker would have switched that on.
  [
    `echo 0 >/proc/sys/net/ipv4/ip_forward; ${CHECK}`,
    /^BROKEN [\s\S]*sysctl -w net\.ipv4\.ip_forward=1[\s\S]*^status 1$/m,
  ],
  [`echo 1 >/proc/sys/net/ipv4/ip_forward; ${CHECK}`, /^HEALTHY .*1 host checked[\s\S]*^status 0$/m],
  [`ip link delete flannel.1; ${CHECK}`, /^BROKEN [\s\S]*systemctl restart flanneld[\s\S]*^status 1$/m],
  [
    `systemctl restart flanneld; ${CHECK}; systemctl show --property Result flannel-doctor`,
    /^Result=success$/m,
  ],
  [
    'systemctl enable --now flannel-doctor.timer && systemctl list-timers --no-pager',
    /flannel-doctor\.timer/,
  ],
  [
    `rm ${METRICS}; systemctl start flannel-doctor-watch && ! systemctl is-active flannel-doctor.timer
for second in $(seq 100); do [ -s ${METRICS} ] && break; sleep 1; done; grep -c flannel ${METRICS}`,
    /^inactive\n\d+$/m,
  ],
  [
    'systemctl stop flannel-doctor-watch && systemctl show --property Result flannel-doctor-watch',
    /^Result=success$/m,
  ],
  [
    'systemctl enable --now flannel-doctor.timer && apt-get -qy purge flannel-doctor && systemctl list-units --all "flannel-doctor*"',
    /^Removing flannel-doctor[\s\S]*^0 loaded units/m,
  ],
]

/** What is installed before: nothing of it is started in a root that is only entered. */
export const BOOTS: Step = [
  'apt-get -qy install --no-install-recommends systemd-sysv etcd-server etcd-client',
  /Setting up etcd-client/,
]

/** True where that process is systemd, and listens. */
function isUp(pid: string): boolean {
  return (
    readFileSync(`/proc/${pid}/comm`, 'utf8') === 'systemd\n' &&
    existsSync(`/proc/${pid}/root/run/systemd/private`)
  )
}

/** The number of its first process, from outside, when it is up. */
async function firstProcess(root: string, ended: () => CommandResult | undefined): Promise<string> {
  const file = join(root, 'booted')
  for (;;) {
    const pid = existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
    if (ended() !== undefined) throw new Error(`it does not boot: ${ended()?.stderr.slice(-2000)}`)
    if (pid !== '' && isUp(pid)) return pid
    await setTimeout(200)
  }
}

/** Boots that root, has flanneld run there as a unit, and the package look at it by its own; true where all say what they should. */
export async function saysBooted(root: string, print: (line: string) => void): Promise<boolean> {
  copyFileSync(await installFlanneld(DEFAULT_VERSION.v3), join(root, 'usr/local/bin/flanneld'))
  writeFileSync(join(root, 'etc/systemd/system/flanneld.service'), FLANNELD)
  const group = `flannel-doctor-${process.pid}`
  const stopping = new AbortController()
  let end: CommandResult | undefined
  const booted = run(['unshare', '--mount', 'sh', BOOT, root, group], {
    timeoutMs: 20 * MINUTE,
    signal: stopping.signal,
  })
  void booted.then((result) => {
    end = result
  })
  try {
    const pid = await firstProcess(root, () => end)
    const enter = [
      'nsenter',
      '--target',
      pid,
      '--mount',
      '--pid',
      '--uts',
      '--ipc',
      '--net',
      '--cgroup',
      'env',
      '-i',
    ]
    const words = [...enter, 'PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'LANG=C.UTF-8', 'sh', '-c']
    for (const step of STEPS)
      if (!(await says((line) => run([...words, line], { timeoutMs: 5 * MINUTE }), step, print))) return false
    return true
  } finally {
    stopping.abort()
    await booted
    const left = `mount -t cgroup2 cgroup2 /sys/fs/cgroup && until find "/sys/fs/cgroup/$0" -depth -type d -exec rmdir {} +; do sleep 0.2; done`
    await run(['unshare', '--mount', 'sh', '-c', left, group])
  }
}
