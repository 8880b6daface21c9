import test from 'ava'
import type { LogLine, LogTail } from '../model/flanneld-log.ts'
import { complaintsOf } from './flanneld-complaints.ts'

/** A line of process 7 with a header, `E main.go:1 text`. */
function line(said: string, pid = 7, ageSeconds = 1): LogLine {
  const levels = { I: 'info', W: 'warning', E: 'error', F: 'fatal' } as const
  const level = levels[said[0] as 'I']
  return { raw: said, level, pid, place: 'main.go:1', ageSeconds, text: said.slice(2) }
}

const tail = (...lines: LogLine[]): LogTail => ({ from: 'journal', name: 'flanneld.service', lines })
const kinds = (log: LogTail, ...pids: number[]) =>
  complaintsOf({ tails: [log] }, pids).map(({ complaint }) => complaint)

const WAITS = "E Couldn't fetch network config: 100: Key not found (/coreos.com) [3]"

test('what better news followed is past', (t) => {
  t.deepEqual(kinds(tail(line(WAITS)), 7), ['config-missing'])
  t.deepEqual(kinds(tail(line(WAITS), line('I Found network config - Backend type: vxlan')), 7), [])
})

test('what an earlier process said is past', (t) => {
  t.deepEqual(
    kinds(tail(line(WAITS, 6), line('I Installing signal handlers'), line('I Running backend.')), 7),
    [],
  )
  t.deepEqual(kinds(tail(line(WAITS, 6))), ['config-missing'])
})

test('a start in a container has the same process id again', (t) => {
  const log = tail(line(WAITS, 1), line('I CLI flags config: {}', 1), line('I Running backend.', 1))
  t.deepEqual(kinds(log, 4711), [])
})

test('what stays broken when the start goes on is not past', (t) => {
  const log = tail(line('W Failed to write subnet file: mkdir /x: no such file'), line('I Running backend.'))
  t.deepEqual(kinds(log, 7), ['subnet-file-not-written'])
})

test('a process that asked etcd and says nothing more waits for it', (t) => {
  const asked = (age: number) => tail(line('I Installing signal handlers', 7, age))
  t.deepEqual(kinds(asked(10), 7), ['etcd-unreachable'])
  t.deepEqual(kinds(asked(1), 7), [])
  t.deepEqual(kinds(asked(10)), [])
})

test('an unknown error does not hide a known one', (t) => {
  t.deepEqual(
    kinds(
      tail(
        line('E Error registering network: failed to acquire lease: out of subnets'),
        line('E shutting down'),
      ),
    ),
    ['out-of-subnets'],
  )
})

test('a healthy start says nothing that counts', (t) => {
  const log = tail(
    line('W no subnet found for key: FLANNEL_SUBNET in file: /run/flannel/subnet.env'),
    line('W no certificate provided: connecting to etcd with http. This is insecure'),
    line('I Changing default FORWARD chain policy to ACCEPT'),
    line('I Some iptables rules are missing; deleting and recreating rules'),
    line('I Waiting for 22h59m58.99988593s to renew lease'),
  )
  t.deepEqual(kinds(log, 7), [])
})
