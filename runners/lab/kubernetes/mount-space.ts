/**
 * The files of a host that are its own: kubelet, CNI plugins and flannel have fixed paths, so each host of a Kubernetes
 * lab gets a mount namespace in which /etc, /opt, /var/lib, /var/log and /run are its own. A process holds it; with the last
 * process in it it is gone.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { endedDaemon, startLabDaemon } from '../daemons/daemon.ts'
import { LabError } from '../lab-error.ts'
import type { LabPlan, PlannedHost } from '../plan/plan.ts'
import { type WaitBounds, waitUntil } from '../wait.ts'

/**
 * What is written goes to the lab's directory, where this machine sees it; below lies what the machine has. /run is the
 * host's alone: of the machine's it has the labs and, unless a kubelet makes its pods, the network namespaces. A kubelet
 * sets sysctls of the whole machine (pkg/kubelet/cm `setupKernelTunables`): it gets copies of them.
 */
const SCRIPT = `
set -eu
root=$1 pods=$2
for folder in /etc /opt /var/lib /var/log; do
  mkdir -p "$root$folder" "$root.work$folder"
  mount -t overlay overlay -o "lowerdir=$folder,upperdir=$root$folder,workdir=$root.work$folder" "$folder"
done
mkdir -p "$root/run/netns" "$root/run/flannel-doctor"
mount --bind /run/flannel-doctor "$root/run/flannel-doctor"
[ "$pods" = true ] || mount --rbind /run/netns "$root/run/netns"
mount --rbind "$root/run" /run
mount --make-rshared /run
mkdir -p "$root.sysctls"
for name in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys kernel/keys/root_maxbytes; do
  [ -e "/proc/sys/$name" ] || continue
  copy=$root.sysctls/$(basename "$name")
  cat "/proc/sys/$name" >"$copy"
  mount --bind "$copy" "/proc/sys/$name"
done
: >"$root.mounted"
exec sleep infinity
`

/** Gives the host as it is then. Its folder must be there. Throws LabError where the machine refuses the mounts. */
async function holdMounts(
  plan: LabPlan,
  host: PlannedHost,
  { root, bounds }: { readonly root: string; readonly bounds: WaitBounds },
): Promise<PlannedHost> {
  mkdirSync(root, { recursive: true, mode: 0o755 })
  const holder = await startLabDaemon(plan, {
    role: `mounts of ${host.name}`,
    namespace: host.namespace,
    // What the machine unmounts later is gone here as well, so that nothing stays busy.
    argv: [
      'unshare',
      '--mount',
      '--propagation',
      'slave',
      '--',
      'sh',
      '-c',
      SCRIPT,
      'sh',
      root,
      `${plan.cluster}`,
    ],
    directory: host.directory,
    logFile: `${host.directory}/mounts.log`,
  })
  await waitUntil(() => {
    const ended = endedDaemon(holder)
    if (ended !== undefined) throw new LabError('failed', ended)
    return existsSync(`${root}.mounted`) ? undefined : `${holder.role} are not made`
  }, bounds)
  return { ...host, mounts: holder.process.pid }
}

/** Every host with its mounts. */
export function withMounts(plan: LabPlan, bounds: WaitBounds): Promise<readonly PlannedHost[]> {
  return Promise.all(
    plan.hosts.map((host) => {
      const root = host.root as string
      return holdMounts(plan, host, { root, bounds })
    }),
  )
}
