/** Everything that a process of ours may have left on a lab, by name. */
import { existsSync, readdirSync } from 'node:fs'
import { localRunner } from '../../hosts/local.ts'
import type { LabPath } from '../kernel/path-for-tests.ts'
import { probesOn } from './leftovers.ts'
import { PROBES_DIR } from './probe-token.ts'

/** Instances of the kernel's tracing, also where tracefs is mounted nowhere any more. */
const INSTANCES =
  'dir=$(mktemp -d); mount -t tracefs none "$dir" && ls "$dir/instances"; umount "$dir"; rmdir "$dir"'

async function lines(argv: readonly string[], runner = localRunner('here')): Promise<readonly string[]> {
  const { stdout } = await runner.run(argv)
  return Buffer.from(stdout).toString('utf8').split('\n')
}

/** Processes, nft tables, trace instances and directories of the process `pid`. */
export async function remains(path: LabPath, pid: number): Promise<readonly string[]> {
  const networks = [...path.hosts, ...path.containers]
  const tables = await Promise.all(networks.map((runner) => lines(['nft', 'list', 'tables'], runner)))
  const all = [
    ...(await probesOn(path.hosts[0])),
    ...tables.flat(),
    ...(await lines(['unshare', '-m', 'sh', '-c', INSTANCES])),
    ...(existsSync(PROBES_DIR) ? readdirSync(PROBES_DIR) : []),
  ]
  return all.filter((name) => name.includes(`_${pid}_`))
}
