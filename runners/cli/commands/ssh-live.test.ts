/**
 * `check`, `check --probe` and `trace` over ssh:// and vagrant:// against a lab of real flanneld, each host with an
 * sshd. No virtual machine can run where these tests run: the `vagrant` here only prints the configuration that the real
 * one prints, everything behind it is real.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { parse, stringify } from 'yaml'
import type { Report } from '../../../reports/document/report.ts'
import { run } from '../../hosts/command/spawn.ts'
import { hostBlock, startSshd, type TestSshd } from '../../hosts/ssh/sshd-for-tests.ts'
import { withLab } from '../../lab/build/up.ts'
import type { LabState } from '../../lab/running/state.ts'
import { needs } from '../../test-needs.ts'
import { BIN } from './trace-command-for-tests.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld', 'sshd')

interface Rig {
  readonly lab: LabState
  readonly sshds: readonly TestSshd[]
  /** Writes an inventory of that kind and gives its path. */
  inventory(kind: 'ssh' | 'vagrant' | 'leases'): string
  doctor(...argv: readonly string[]): Promise<{ exit: number; stdout: string; stderr: string }>
}

/** Prints the file that lies beside the Vagrantfile, with notes around it as plugins print them. */
const VAGRANT = `#!/bin/sh
[ "$1" = ssh-config ] && [ -f "$VAGRANT_CWD/Vagrantfile" ] || exit 64
echo "==> vagrant: A new version of Vagrant is available"
if ! cat "$VAGRANT_CWD/$2.ssh-config" 2>/dev/null; then
  echo "The machine with the name '$2' was not found configured for" >&2
  echo "this Vagrant environment." >&2
  exit 1
fi
`

function writeFiles(lab: LabState, sshds: readonly TestSshd[]): string {
  const folder = join(lab.directory, 'ssh')
  mkdirSync(join(folder, 'bin'), { recursive: true })
  const blocks = lab.hosts.map(({ name }, i) =>
    hostBlock(sshds[i] as TestSshd, { name, through: lab.switchNamespace }),
  )
  const leased = lab.hosts.map(({ address }, i) =>
    hostBlock(sshds[i] as TestSshd, { name: address, through: lab.switchNamespace }),
  )
  writeFileSync(join(folder, 'ssh_config'), [...blocks, ...leased].join('\n'))
  writeFileSync(join(folder, 'Vagrantfile'), '')
  for (const [i, { name }] of lab.hosts.entries())
    writeFileSync(join(folder, `${name}.ssh-config`), blocks[i] ?? '')
  writeFileSync(join(folder, 'bin', 'vagrant'), VAGRANT, { mode: 0o755 })
  for (const kind of ['ssh', 'vagrant']) {
    const inventory = parse(readFileSync(lab.inventory, 'utf8'))
    for (const host of inventory.hosts) host.via = `${kind}://${host.name}`
    if (kind === 'ssh') inventory.sshConfig = 'ssh_config'
    writeFileSync(join(folder, `${kind}.yaml`), stringify(inventory))
  }
  const { etcd } = parse(readFileSync(lab.inventory, 'utf8'))
  const hosts = { fromLeases: 'ssh://root@{publicIp}' }
  writeFileSync(join(folder, 'leases.yaml'), stringify({ etcd, sshConfig: 'ssh_config', hosts }))
  return folder
}

async function withRig(hosts: number, work: (rig: Rig) => Promise<void>): Promise<void> {
  await withLab({ hosts }, async (lab) => {
    const sshds: TestSshd[] = []
    try {
      for (const { namespace, address } of lab.hosts) sshds.push(await startSshd(namespace, address))
      const folder = writeFiles(lab, sshds)
      const env = ['env', '-u', 'VAGRANT_CWD', `PATH=${folder}/bin:${process.env.PATH}`]
      const doctor: Rig['doctor'] = async (...argv) => {
        const result = await run([...env, process.execPath, BIN, ...argv], { timeoutMs: 120_000 })
        const exit = 'exit' in result.end ? result.end.exit : -1
        return { exit, stdout: Buffer.from(result.stdout).toString('utf8'), stderr: result.stderr }
      }
      await work({ lab, sshds, doctor, inventory: (kind) => join(folder, `${kind}.yaml`) })
    } finally {
      for (const sshd of sshds) await sshd.stop()
    }
  })
}

live('check over ssh and vagrant finds a lab healthy, with one session per host', async (t) => {
  await withRig(3, async ({ sshds, inventory, doctor }) => {
    for (const [round, kind] of (['ssh', 'vagrant'] as const).entries()) {
      const { exit, stdout, stderr } = await doctor('check', '--inventory', inventory(kind))
      t.regex(stdout, /^HEALTHY .*3 hosts checked/, `${stdout}${stderr}`)
      t.is(exit, 0)
      for (const sshd of sshds) t.deepEqual(sshd.counts(), { connections: round + 1, sessions: round + 1 })
    }
    const leased = await doctor('check', '--inventory', inventory('leases'))
    t.regex(leased.stdout, /^HEALTHY .*3 hosts checked/, `${leased.stdout}${leased.stderr}`)
    const unread = await doctor('check', '--inventory', inventory('leases'), '--etcd-prefix', '/none')
    t.is(unread.exit, 3, unread.stdout)
    const machine = sshds[1]
    await machine?.stop()
    const down = await doctor('check', '--inventory', inventory('ssh'), '--format', 'json')
    t.is(down.exit, 3)
    const hosts = (JSON.parse(down.stdout) as Report).hosts
    t.regex(
      JSON.stringify(hosts),
      /ssh:\/\/h2: (no connection|nothing listens there|the connection is ended)/,
    )
    const said = await doctor('check', '--inventory', inventory('ssh'))
    t.regex(said.stdout, /ssh:\/\/h2/)
  })
})

live('probes and a trace over ssh', async (t) => {
  await withRig(2, async ({ inventory, doctor, sshds }) => {
    const probed = await doctor('check', '--probe', '--inventory', inventory('ssh'))
    t.regex(probed.stdout, /^HEALTHY /, `${probed.stdout}${probed.stderr}`)
    t.is(probed.exit, 0)
    const argv = ['trace', 'h1/h1c1', 'h2/h2c1', '--inventory', inventory('ssh'), '--format', 'json']
    const { exit, stdout, stderr } = await doctor(...argv)
    t.is(exit, 0, stderr)
    const report = JSON.parse(stdout) as Report
    t.is(report.traces.length, 2)
    for (const { ends, agreement, hops } of report.traces) {
      t.is(ends, 'delivered')
      t.is(agreement, 'confirmed')
      t.true(hops.filter(({ link }) => link !== undefined).every(({ seen }) => seen === true))
    }
    for (const sshd of sshds) t.true(sshd.counts().connections <= 4, sshd.log())
  })
})

live('a machine that Vagrant does not know, and no Vagrant', async (t) => {
  await withRig(1, async ({ lab, inventory, doctor }) => {
    const text = readFileSync(inventory('vagrant'), 'utf8')
    const file = join(lab.directory, 'ssh', 'unknown.yaml')
    writeFileSync(file, text.replace('vagrant://h1', 'vagrant://h9'))
    const unknown = await doctor('check', '--inventory', file)
    t.is(unknown.exit, 3)
    t.regex(
      unknown.stdout.replaceAll(/\s+/g, ' '),
      /does not tell how to reach it \(The machine with the name 'h9' was not found/,
    )
    writeFileSync(join(lab.directory, 'ssh', 'bin', 'vagrant'), '#!/bin/sh\nexit 127\n')
    const missing = await doctor('check', '--inventory', inventory('vagrant'))
    t.is(missing.exit, 3)
    t.regex(missing.stdout.replaceAll(/\s+/g, ' '), /vagrant: command not found; install Vagrant/)
  })
})
