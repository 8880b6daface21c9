/** What a lab needs of this machine. */
import { commandPath } from '../../setup/search-path.js'
import { LabError } from '../lab-error.ts'
import type { LabOptions, LabPlan } from '../plan/plan.ts'

/** Commands a lab needs, with the Debian package that has them. */
const COMMANDS: readonly (readonly [string, string])[] = [
  ['etcd', 'etcd-server'],
  ['ip', 'iproute2'],
  ['bridge', 'iproute2'],
  ['nsenter', 'util-linux'],
  ['sysctl', 'procps'],
  ['iptables', 'iptables'],
]

/** Throws LabError when this machine cannot hold that lab: before anything is written. */
export async function checkMachine(plan: LabPlan, options: LabOptions): Promise<void> {
  if (plan.lab === 'docker') await checkEngine(options)
  checkCommands(plan)
}

function checkCommands(plan: LabPlan): void {
  if (process.platform !== 'linux')
    throw new LabError('missing', 'a lab needs Linux: its hosts are network namespaces')
  if (process.getuid?.() !== 0)
    throw new LabError('missing', 'a lab needs root: its hosts are network namespaces')
  const wanted = [...COMMANDS]
  if (plan.tls) wanted.push(['openssl', 'openssl'])
  if (plan.kubernetes) wanted.push(['curl', 'curl'], ['unshare', 'util-linux'], ['mount', 'mount'])
  if (plan.cluster) wanted.push(['busybox', 'busybox-static'], ['nft', 'nftables'])
  if (plan.docker === 'real') wanted.push(['dockerd', 'docker.io'])
  for (const [command, debianPackage] of wanted) {
    if (commandPath(command) !== undefined) continue
    throw new LabError('missing', `a lab needs ${command} (Debian package ${debianPackage})`)
  }
}

async function checkEngine(options: LabOptions): Promise<void> {
  const { refuseUnsupported } = await import('../docker/placement.ts')
  const { runningEngine } = await import('../docker/engine.ts')
  refuseUnsupported(options)
  await runningEngine(process.env.DOCKER_HOST)
}
