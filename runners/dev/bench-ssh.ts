/**
 * `npm run bench:ssh [-- HOSTS [ROUNDS]]`: `check` of many hosts over ssh beside plain ssh that logs in to them and runs the same
 * commands, as many at a time. Every host is a network namespace of a lab with an sshd of its own.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { hostBlock, startSshd, type TestSshd } from '../hosts/ssh/sshd-for-tests.ts'
import { loadInventory } from '../inventory/inventory.ts'
import { withLab } from '../lab/build/up.ts'
import type { LabState } from '../lab/running/state.ts'
import { settingsOf } from '../run/collecting/collect-cluster.ts'
import { usualConcurrency } from '../run/collecting/usual-concurrency.ts'
import { bareScript } from './bare-script.ts'
import { builtPackage } from './built-package.ts'
import { command, compare } from './measure.ts'

const HOSTS = Number(process.argv[2] ?? 50)
const ROUNDS = Number(process.argv[3] ?? 5)
const AIM = 1.5

/** An inventory of ssh hosts, the ssh_config that reaches them and a script for each; gives their folder. */
async function writeFiles(lab: LabState, sshds: readonly TestSshd[]): Promise<string> {
  const folder = join(lab.directory, 'ssh')
  mkdirSync(folder)
  const blocks = lab.hosts.map(({ name }, at) =>
    hostBlock(sshds[at] as TestSshd, { name, through: lab.switchNamespace }),
  )
  writeFileSync(join(folder, 'ssh_config'), blocks.join('\n'))
  const inventory = parse(readFileSync(lab.inventory, 'utf8'))
  for (const host of inventory.hosts) host.via = `ssh://${host.name}`
  writeFileSync(join(folder, 'hosts.yaml'), stringify({ ...inventory, sshConfig: 'ssh_config' }))
  const { hosts } = await loadInventory(join(folder, 'hosts.yaml'))
  for (const target of hosts) writeFileSync(join(folder, target.name), bareScript(settingsOf(target)))
  return folder
}

/** Logs in to every host and runs its script, so many at a time. */
function plainSsh(folder: string, names: readonly string[]): Promise<number> {
  const each = 'ssh -F "$0/ssh_config" "$1" sh -s <"$0/$1" >/dev/null 2>&1'
  const argv = ['xargs', '-P', `${usualConcurrency()}`, '-I{}', 'sh', '-c', each, folder, '{}']
  return command(argv, names.join('\n'))
}

const bin = await builtPackage()
await withLab({ hosts: HOSTS }, async (lab) => {
  const sshds: TestSshd[] = []
  try {
    for (const { namespace, address } of lab.hosts) sshds.push(await startSshd(namespace, address))
    const folder = await writeFiles(lab, sshds)
    const names = lab.hosts.map(({ name }) => name)
    await compare(`check of ${HOSTS} ssh hosts beside plain ssh, ${usualConcurrency()} at a time`, {
      ours: () => command([process.execPath, bin, 'check', '--inventory', join(folder, 'hosts.yaml')]),
      base: () => plainSsh(folder, names),
      aim: AIM,
      pairs: ROUNDS,
    })
  } finally {
    await Promise.all(sshds.map((sshd) => sshd.stop()))
  }
})
