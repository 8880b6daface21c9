import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { run } from '../../hosts/command/spawn.ts'
import { parsedValue, sectionOf } from '../saved/recorded-section.ts'
import { flanneldLog } from './flanneld-log.ts'

const PRINTED = `now=1127 21:22:20
now=1127 20:22:20
log=file
name=/var/log/flanneld.log
pid=14856
line=I1127 21:22:17.072048   14856 main.go:205] CLI flags config: {etcdEndpoints:http://127.0.0.1:2379}
line=timed out
line=E1127 20:22:17.100484   14856 main.go:300] Failed to find interface to use

log=journal
name=flanneld.service
pid=
line=flag provided but not defined: -nonsense
`

test('header, time by either clock and origin of every line', (t) => {
  const { tails } = parsedValue(flanneldLog, PRINTED)
  t.deepEqual(
    tails.map(({ from, name, pid }) => ({ from, name, pid })),
    [
      { from: 'file', name: '/var/log/flanneld.log', pid: 14_856 },
      { from: 'journal', name: 'flanneld.service', pid: undefined },
    ],
  )
  const [start, bare, error] = tails[0]?.lines ?? []
  t.like(start, { level: 'info', pid: 14_856, place: 'main.go:205', ageSeconds: 3 })
  t.deepEqual(bare, { raw: 'timed out', text: 'timed out' })
  t.like(error, { level: 'error', ageSeconds: 3, text: 'Failed to find interface to use' })
  t.is(tails[1]?.lines[0]?.text, 'flag provided but not defined: -nonsense')
})

test('who has UDP ports, where that was asked', (t) => {
  const sockets = [
    'socket=UNCONN 0      0      192.0.2.12:8285      0.0.0.0:*    users:(("python3",pid=7,fd=3),("sh",pid=6,fd=3))',
    'socket=UNCONN 0      0            [::]:8472            [::]:*',
    'socket=UNCONN 0      0       127.0.0.1:53         0.0.0.0:*    users:(("a b;c",pid=8,fd=3))',
  ]
  const log = parsedValue(
    flanneldLog,
    `now=0101 00:00:05\n${sockets.join('\n')}\nlog=file\nname=f\npid=\nline=x\n`,
  )
  t.deepEqual(log.holders, [{ port: 8285, program: 'python3', pid: 7 }])
  t.is(log.tails.length, 1)
})

test('a line of last December is as old as it is', (t) => {
  const text = 'now=0101 00:00:05\nlog=file\nname=f\npid=\nline=E1231 23:59:59.000000 1 main.go:1] x\n'
  const age = parsedValue(flanneldLog, text).tails[0]?.lines[0]?.ageSeconds ?? 0
  t.true(age > 0 && age < 86_400 + 10, String(age))
})

test('no log is no problem, another text is one', (t) => {
  t.deepEqual(parsedValue(flanneldLog, 'now=0101 00:00:05\n'), { tails: [] })
  t.deepEqual(parsedValue(flanneldLog, ''), { tails: [] })
  t.true('problem' in flanneldLog.parse(sectionOf('flanneldLog', 'Permission denied')))
})

test('the newest log that a container runtime keeps of flannel’s pod, without time and stream', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'flannel-doctor-pods-'))
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  const put = (pod: string, text: string, age: number): string => {
    const folder = join(root, pod, 'kube-flannel')
    mkdirSync(folder, { recursive: true })
    const path = join(folder, '0.log')
    writeFileSync(path, text)
    utimesSync(path, 1_000_000 - age, 1_000_000 - age)
    return path
  }
  put(
    'kube-flannel_kube-flannel-ds-a_1',
    '2026-01-01T00:00:00Z stderr F E0101 00:00:00.000000 1 main.go:1] old\n',
    10,
  )
  const said = 'E0101 00:00:00.000000       1 main.go:251] Failed to create SubnetManager: Unauthorized'
  const newest = put(
    'kube-flannel_kube-flannel-ds-b_2',
    `2026-01-01T00:00:00.123+01:00 stderr F ${said}\n`,
    0,
  )
  const script = flanneldLog.script({ containers: [] }).replaceAll('/var/log/pods', root)
  const read = async (shared: string) =>
    Buffer.from((await run(['sh', '-s'], { stdin: `SHARED_FILES=${shared}\n${script}` })).stdout).toString()
  const [tail] = parsedValue(flanneldLog, await read('')).tails
  t.like(tail, { from: 'file', name: newest })
  t.deepEqual(
    tail?.lines.map(({ raw, level }) => [raw, level]),
    [[said, 'error']],
  )
  t.deepEqual(
    parsedValue(flanneldLog, await read('1')).tails,
    [],
    'files of the machine are not those of a host of a lab',
  )
  rmSync(newest)
  symlinkSync('/etc/passwd', newest)
  t.notRegex(await read(''), /root:/)
})
