/** What of a lab is there beside its directory. */
import { readdirSync, readFileSync } from 'node:fs'
import { NETNS_DIR } from '../../hosts/netns.ts'
import { processesOfLab } from '../../hosts/process-identity.ts'
import { cgroupPaths } from '../daemons/lab-cgroup.ts'
import { type Ledger, labDirectory } from '../ledger/ledger.ts'

/** Its namespaces, devices, processes, cgroups and mounts; none after a removal. `ledger` as it was before. */
export function remainsOf(ledger: Ledger): readonly string[] {
  const { token, name } = ledger
  const mine = (each: string): boolean => each.startsWith(`fd-${token}-`)
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
  return [
    ...[NETNS_DIR, '/dev/shm'].flatMap((folder) => readdirSync(folder).filter(mine)),
    ...processesOfLab(token, []).map(String),
    ...cgroupPaths(ledger),
    ...mounts.filter((line) => line.includes(labDirectory(name))),
  ]
}
