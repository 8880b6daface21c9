import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { run } from '../../hosts/command/spawn.ts'
import { needs } from '../../test-needs.ts'
import { parsedValue, recordedText, sectionOf } from '../saved/recorded-section.ts'
import { flanneld } from './flanneld.ts'

test('command line and version of a recording', (t) => {
  const [process, ...others] = parsedValue(
    flanneld,
    recordedText('v0.10.0-vxlan', 'h1', 'flanneld'),
  ).processes
  t.deepEqual(others, [])
  t.is(process?.version, 'v0.10.0')
  t.true(process?.argv.includes('-ip-masq=true'))
  t.is(process?.argv.length, 6)
  t.is(process?.ageSeconds, undefined)
})

test('no flanneld is known, and none', (t) => {
  t.deepEqual(parsedValue(flanneld, '\n'), { processes: [] })
})

test('words keep spaces, newlines and emptiness', (t) => {
  const text = 'pid=7\nargv=/opt/flanneld\nargv=-iface=a b\nargv=\nargv=two\u0001lines\nenv=FLANNELD_X=a=b\n'
  const [process] = parsedValue(flanneld, text).processes
  t.deepEqual(process?.argv, ['/opt/flanneld', '-iface=a b', '', 'two\nlines'])
  t.deepEqual(process?.environment, { FLANNELD_X: 'a=b' })
})

test('age is uptime less start; builds without a version have none', (t) => {
  const [process] = parsedValue(
    flanneld,
    'pid=7\nargv=x\n\npid=7\nticks=150000\nuptime=1600.5\nversion=dev\n',
  ).processes
  t.is(process?.ageSeconds, 101)
  t.is(process?.version, undefined)
})

test("another user's flanneld that cannot be placed is not permitted", (t) => {
  const parsed = flanneld.parse(sectionOf('flanneld', 'hidden=42\n'))
  t.true('problem' in parsed && parsed.problem.why === 'not-permitted')
})

test('in a process namespace of our own nobody knows whether flanneld runs', (t) => {
  t.like(flanneld.parse(sectionOf('flanneld', 'elsewhere=1\n')), { problem: { why: 'missing' } })
})

test('process 1 is this tool by its own words, not by the folder that others work in', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'flannel-doctor-first-process-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const words = join(folder, 'cmdline')
  const isElsewhere = async (...argv: string[]): Promise<boolean> => {
    writeFileSync(words, argv.map((word) => `${word}\0`).join(''))
    const script = flanneld.script({ containers: [] }).replaceAll('/proc/1/cmdline', words)
    const { stdout } = await run(['sh', '-s'], { stdin: script })
    return stdout.toString().includes('elsewhere=1')
  }
  t.true(await isElsewhere('node', '/usr/bin/flannel-doctor', 'check'))
  t.true(await isElsewhere('node', '/usr/lib/flannel-doctor/runners/bin.js', 'check'))
  t.true(await isElsewhere('/opt/flannel-doctor-linux-x64', 'check'))
  t.true(await isElsewhere('sh', '/scripts/collect.sh'))
  t.false(await isElsewhere('sh', '/srv/flannel-doctor/ci.sh', '/srv/flannel-doctor'))
  t.false(await isElsewhere('/sbin/init'))
})

needs(test, 'netns')(
  'a pod that has its own processes does not see those of the host, whatever it runs',
  async (t) => {
    const told = async (...pod: readonly string[]): Promise<boolean> => {
      const argv = ['unshare', '--pid', '--fork', '--mount-proc', 'env', ...pod, 'sh', '-s']
      const { stdout } = await run(argv, { stdin: flanneld.script({ containers: [] }) })
      return stdout.toString().includes('elsewhere=1')
    }
    t.true(await told('KUBERNETES_SERVICE_HOST=10.96.0.1'))
    t.false(await told())
  },
)

test('a child between fork and exec is none, nor is one that has gone meanwhile', (t) => {
  const words = 'argv=/opt/flanneld\nargv=-iface=eth0\n'
  const text = `pid=7\n${words}\npid=8\n${words}\npid=9\n${words}\npid=7\nstate=S\nparent=1\npid=8\nstate=R\nparent=7\npid=9\ngone=1\n`
  t.deepEqual(
    parsedValue(flanneld, text).processes.map(({ pid }) => pid),
    [7],
  )
})

test('a child that was another program when its words were read is none', (t) => {
  const words = 'pid=7\nargv=/opt/flanneld\n\npid=8\nargv=/usr/sbin/iptables\nargv=-S\n\n'
  const counted = (name: string): number =>
    parsedValue(flanneld, `${words}pid=7\nname=flanneld\nparent=1\npid=8\nname=${name}\nparent=7\n`).processes
      .length
  t.is(counted('iptables'), 1)
  t.is(counted('flanneld'), 2)
})

test('a wrapper and the flanneld it started are two processes', (t) => {
  const text =
    'pid=7\nargv=/bin/sh\nargv=/usr/bin/flanneld-start\n\npid=8\nargv=flanneld\n\npid=7\nparent=1\npid=8\nparent=7\n'
  t.is(parsedValue(flanneld, text).processes.length, 2)
})
