import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { evaluate } from '../evaluate.ts'
import { check } from './log.ts'

test('who has the port is named', (t) => {
  const taken = 'listen udp4 192.0.2.5:8285: bind: address already in use'
  const holders = [
    { port: 53, program: 'named', pid: 6 },
    { port: 8285, program: 'python3', pid: 7 },
  ]
  const lines = [{ raw: taken, level: 'error', text: taken }] as const
  const cluster = withHost(buildCluster({ hosts: 2, backend: 'udp' }), 'h1', () => ({
    flanneldLog: { tails: [{ from: 'file', name: '/var/log/flanneld.log', lines }], holders },
    flanneld: { processes: [] },
  }))
  const [finding] = evaluate(cluster, [check], cluster.window.to).flatMap(({ findings }) => findings)
  t.regex(finding?.message ?? '', /cannot bind its UDP port: python3 \(process 7\) has it: /)
})
