/**
 * `npm run test:ansible`: the playbook over a lab. Each host of the lab is one of Ansible's, reached by a local connection,
 * whose commands run in its network; a fault of one host must be found in what the others and it collected. ansible-core
 * comes from PyPI into a virtual environment in the cache.
 */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from '../../hosts/command/spawn.ts'
import { withLab } from '../../lab/build/up.ts'
import type { LabState } from '../../lab/running/state.ts'
import { cacheFolder } from '../../setup/cache-folder.js'

const ANSIBLE = '2.19.14'
const PLAYBOOK = fileURLToPath(new URL('../../ansible/check-network.yaml', import.meta.url))
const BIN = fileURLToPath(new URL('../../bin.js', import.meta.url))
const INSTALL_MS = 300_000
const PLAY_MS = 600_000
/** Others of this machine have folders in theirs. */
const OWN_TMP = mkdtempSync(join(tmpdir(), 'fd-ansible-tmp-'))

async function done(argv: readonly string[], timeoutMs: number): Promise<string> {
  const { end, stdout, stderr } = await run(argv, { timeoutMs })
  const text = Buffer.from(stdout).toString('utf8')
  assert.deepEqual(end, { exit: 0 }, `${argv.join(' ')}\n${text}${stderr}`)
  return text
}

/** ansible-playbook of a virtual environment that is made once. */
async function ansiblePlaybook(): Promise<string> {
  const folder = join(cacheFolder(), `ansible-core-${ANSIBLE}`)
  const command = join(folder, 'bin', 'ansible-playbook')
  if (existsSync(command)) return command
  await done(['python3', '-m', 'venv', folder], INSTALL_MS)
  await done([join(folder, 'bin', 'pip'), 'install', '-q', `ansible-core==${ANSIBLE}`], INSTALL_MS)
  return command
}

/** An inventory of Ansible, with each host's commands run in its network. */
function ansibleInventory({ hosts }: LabState, temporary: string): string {
  const here = [process.execPath, BIN]
  const members = hosts.map(({ name, namespace }) => [
    name,
    { flannel_doctor: ['nsenter', `--net=/run/netns/${namespace}`, ...here] },
  ])
  const all = {
    hosts: Object.fromEntries(members),
    vars: {
      ansible_connection: 'local',
      ansible_become: false,
      ansible_remote_tmp: join(temporary, 'ansible'),
      flannel_doctor: here,
      ansible_python_interpreter: 'python3',
    },
  }
  const path = join(temporary, 'inventory.json')
  writeFileSync(path, JSON.stringify({ all }))
  return path
}

/** What a play prints, and whether it failed. */
async function played(
  command: string,
  inventory: string,
  ...flags: readonly string[]
): Promise<{ text: string; isFailed: boolean }> {
  const words = [
    'env',
    `TMPDIR=${OWN_TMP}`,
    'ANSIBLE_NOCOLOR=1',
    'LC_ALL=C.UTF-8',
    command,
    '-i',
    inventory,
    PLAYBOOK,
    ...flags,
  ]
  const { end, stdout, stderr } = await run(words, { timeoutMs: PLAY_MS })
  const text = Buffer.from(stdout).toString('utf8') + stderr
  return { text, isFailed: !('exit' in end && end.exit === 0) }
}

const foldersLeft = (): readonly string[] =>
  readdirSync(OWN_TMP).filter((name) => name.startsWith('flannel-doctor-'))

const command = await ansiblePlaybook()
const temporary = mkdtempSync(join(tmpdir(), 'fd-ansible-'))
try {
  await withLab({ hosts: 3, name: 'ansible', log: console.error }, async (lab) => {
    const inventory = ansibleInventory(lab, temporary)
    const before = new Set(foldersLeft())
    const healthy = await played(command, inventory)
    assert.match(healthy.text, /HEALTHY +flannel vxlan .*3 leases.*3 hosts checked/, healthy.text)
    assert.match(healthy.text, /of 3 saved states as one network/)
    assert.equal(healthy.isFailed, false)
    await done([process.execPath, BIN, 'lab', 'inject', 'fdb-entry-deleted', '--name', 'ansible'], PLAY_MS)
    const broken = await played(command, inventory)
    assert.match(broken.text, /BROKEN/, broken.text)
    assert.match(broken.text, /fdb\/peer-vtep:missing/)
    assert.equal(broken.isFailed, true)
    const limited = await played(command, inventory, '--limit', 'h2,h3')
    assert.match(limited.text, /2 hosts checked; 2 of 3 leased hosts looked at/, limited.text)
    const left = foldersLeft().filter((name) => !before.has(name))
    assert.equal(left.length, 3, 'the bundles of all plays are kept, nothing else')
    for (const name of left) rmSync(join(OWN_TMP, name), { recursive: true })
  })
  console.log('the playbook: 3 plays, one of them over 2 of 3 hosts, all as expected')
} finally {
  for (const folder of [temporary, OWN_TMP]) rmSync(folder, { recursive: true, force: true })
}
