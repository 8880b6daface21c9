/** What cannot be read in a living network: undecided with the reason in one line, never a trace, never lost. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { open, run } from '../../hosts/command/spawn.ts'
import { withLab } from '../../lab/build/up.ts'
import { labArgv, labExec } from '../../lab/running/exec.ts'
import type { LabState } from '../../lab/running/state.ts'
import { AS_NOBODY, needs } from '../../test-needs.ts'
import { doctorHere } from '../doctor-here-for-tests.ts'

const BIN = fileURLToPath(new URL('../../bin.js', import.meta.url))
const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')

async function check(inventory: string, ...more: string[]): Promise<{ exit: number; output: string }> {
  const { exit, stdout, stderr } = await doctorHere('check', '--inventory', inventory, ...more)
  return { exit, output: stdout + stderr }
}

async function etcdctl(lab: LabState, ...words: string[]): Promise<string> {
  const argv = ['env', 'ETCDCTL_API=3', 'etcdctl', '--endpoints', lab.endpoint, ...words]
  const result = await labExec(lab, 'switch', { argv })
  return Buffer.from(result.stdout).toString('utf8')
}

function edited(lab: LabState, from: RegExp, to: string): string {
  const path = `${lab.inventory}.edited.yaml`
  writeFileSync(path, readFileSync(lab.inventory, 'utf8').replace(from, to))
  return path
}

live('the datastore: other API, empty prefix, no JSON, silent, down, with accounts', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    const expectExit = async (expected: number, inventory: string, words: RegExp): Promise<void> => {
      const { exit, output } = await check(inventory)
      t.is(exit, expected, output)
      t.regex(output.replace(/\s+/g, ' '), words)
      t.notRegex(output, /\bat .*\.ts:\d+/)
    }
    await expectExit(3, edited(lab, /api: v3/, 'api: v2'), /etcd v2 store, but the v3 store has it/)
    await expectExit(3, edited(lab, /prefix: .*/, 'prefix: /nothing/here'), /no key \/nothing\/here\/config/)
    await etcdctl(lab, 'put', `${lab.prefix}/config`, '{Network: 10.5.0.0/16}\u001b[31m')
    await expectExit(
      1,
      lab.inventory,
      /^AT RISK .*config: not JSON at line 1, column 2: "Network: 10\.5\.0\.0\/16\}\\x1b\[31m"/,
    )
    await etcdctl(lab, 'put', `${lab.prefix}/config`, lab.config)
    const silent = 'require("net").createServer(() => {}).listen(7777, "127.0.0.1")'
    const server = await open(labArgv(lab, 'switch', [process.execPath, '-e', silent]))
    await new Promise((resolve) => setTimeout(resolve, 500))
    await expectExit(3, edited(lab, /- http:.*/, '- http://127.0.0.1:7777'), /did not answer within \d+ s/)
    await server.stop()
    await expectExit(3, edited(lab, /- http:.*/, '- http://127.0.0.1:7778'), /connection refused/)
    const dead = edited(lab, /- http:.*/, `- ${lab.endpoint}\n    - http://127.0.0.1:7778`)
    t.is((await check(dead)).exit, 0, 'one dead endpoint of two is not a failure')
    await etcdctl(lab, 'user', 'add', 'root:word')
    await etcdctl(lab, 'user', 'grant-role', 'root', 'root')
    await etcdctl(lab, 'auth', 'enable')
    await expectExit(3, lab.inventory, /^UNDECIDED .*refused the read: .*\(give --etcd-user name:password\)/)
  })
})

needs(
  test.serial,
  'root',
  'netns',
  'etcd',
  'flanneld',
  'nobody',
)('a host: unreadable subnet.env as nobody, unknown host beside good ones', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    const [first] = lab.hosts
    if (first === undefined) throw new Error('the lab has no host')
    const missing = edited(lab, /subnetFile: .*/, `subnetFile: ${import.meta.dirname}/absent/subnet.env`)
    const gone = await check(missing)
    t.regex(gone.output, /\/absent\/subnet\.env/)
    const strange = edited(lab, /via: netns:\/\/\S*h2$/m, 'via: netns://no-such-host')
    const { exit, output } = await check(strange)
    t.is(exit, 3, output)
    t.regex(output, /h2: no network namespace no-such-host/)
    chmodSync(first.subnetFile, 0o644)
    const asNobody = await run([...AS_NOBODY, process.execPath, BIN, 'check', '--inventory', lab.inventory], {
      timeoutMs: 60_000,
    })
    t.deepEqual(asNobody.end, { exit: 3 }, asNobody.stderr)
    t.regex(Buffer.from(asNobody.stdout).toString('utf8'), /needs root/)
  })
})

live('a lease record that cannot be read is never passed over in silence', async (t) => {
  await withLab({ hosts: 2, etcdApi: 'v2' }, async (lab) => {
    const key = `http://127.0.0.1/v2/keys${lab.prefix}/subnets/10.5.222.0-24`
    const url = key.replace('http://127.0.0.1', lab.endpoint)
    await labExec(lab, 'switch', {
      argv: ['curl', '-s', '-XPUT', url, '--data-urlencode', 'value={"PublicIP": 12'],
    })
    const { exit, output } = await check(lab.inventory)
    t.is(exit, 1, output)
    t.regex(output, /^AT RISK [\s\S]*daemon\/log:watch-fails/)
    t.regex(output, /10\.5\.222\.0-24/)
  })
})
