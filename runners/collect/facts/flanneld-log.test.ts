import test from 'ava'
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
