import test from 'ava'
import { evaluate } from '../evaluate.ts'
import type { LogLine } from '../model/flanneld-log.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { check } from './log.ts'
import { error, said } from './said-for-tests.ts'

const STARTS: LogLine = { ...error('CLI flags config: {}'), level: 'info' }
const IS_UP: LogLine = { ...error('Running backend.'), level: 'info' }
const NOBODY_KNOWS = error('something nobody has read before')
const NO_IPTABLES = error('Failed to setup masq rules, exec: "iptables": executable file not found in $PATH')

function codes(cluster: ClusterSnapshot): readonly string[] {
  return evaluate(cluster, [check], cluster.window.to).flatMap(({ findings }) =>
    findings.map(({ code }) => code.replace('daemon/log:', '')),
  )
}

test('an unknown error is what keeps a flanneld from coming up that has not', (t) => {
  t.deepEqual(codes(said([STARTS, NOBODY_KNOWS])), ['not-up'])
  t.deepEqual(codes(said([STARTS, IS_UP, NOBODY_KNOWS], false)), ['complains'])
  t.deepEqual(codes(said([NOBODY_KNOWS], false)), ['complains'])
})

test('what flanneld goes on without keeps one from coming up that ended before', (t) => {
  t.deepEqual(codes(said([STARTS, NO_IPTABLES], false)), ['not-up'])
  t.deepEqual(codes(said([STARTS, NO_IPTABLES])), ['rules-not-written'])
  t.deepEqual(codes(said([STARTS, IS_UP, NO_IPTABLES], false)), ['rules-not-written'])
})

test('a health check that finds its port taken panics after its words', (t) => {
  const text = 'panic: listen tcp 0.0.0.0:10011: bind: address already in use'
  const words = error('Start healthz server error. listen tcp: bind: address already in use')
  t.deepEqual(codes(said([STARTS, words, { raw: text, text }], false)), ['health-port-taken'])
})
