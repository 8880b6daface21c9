import test from 'ava'
import { buildCluster, withHost, withoutFact } from '../../fixtures/build.ts'
import { withDocker } from '../../fixtures/docker-for-tests.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { evaluate } from '../evaluate.ts'
import { testCheck } from '../tester.ts'
import { check } from './docker-options.ts'

const vxlan = buildCluster({ hosts: 2, backend: 'vxlan' })
const masqOff = buildCluster({ hosts: 2, backend: 'vxlan', ipMasq: false })
const DEFAULT_SUBNETS = [{ address: 0xac110000, length: 16 }]
const dockerd = (...options: readonly string[]) => ({ argv: ['dockerd', ...options] })
const GUIDE = ['--bip=10.2.1.1/24', '--ip-masq=false', '--mtu=1450']

testCheck(test, check, {
  passes: [
    { name: 'as mk-docker-opts.sh writes it', cluster: () => withDocker(vxlan, dockerd(...GUIDE)) },
    { name: 'no Docker', cluster: () => vxlan },
    { name: 'real dockerd', cluster: () => recordedCluster('v0.10.0-vxlan-docker') },
    { name: 'no options, docker0 already right', cluster: () => withDocker(vxlan) },
    {
      name: 'in daemon.json',
      cluster: () =>
        withDocker(vxlan, { daemonJson: { bip: '10.2.1.1/24', mtu: '1450', 'ip-masq': 'false' } }),
    },
    { name: 'Docker masquerades', cluster: () => withDocker(masqOff, dockerd('--bip', '10.2.1.1/24')) },
    { name: 'a smaller MTU', cluster: () => withDocker(vxlan, dockerd('--mtu=1400'), { mtu: 1400 }) },
    {
      name: 'host-gw with the default MTU',
      cluster: () => withDocker(buildCluster({ hosts: 2, backend: 'host-gw' }), {}, { mtu: 1500 }),
    },
    {
      name: 'a bridge of the operator',
      cluster: () => withDocker(vxlan, dockerd('--bridge=br9', '--bip=10.9.0.1/24')),
    },
  ],
  fails: [
    {
      name: 'bip-differs: the options of a former lease',
      cluster: () => withDocker(vxlan, dockerd('--bip=10.2.77.1/24', '--mtu=1450')),
      findings: ['h1 bip-differs option --bip'],
    },
    {
      name: 'bip-differs: none given',
      cluster: () => withDocker(vxlan, {}, { subnets: DEFAULT_SUBNETS }),
      findings: ['h1 bip-differs option --bip'],
    },
    {
      name: 'set-twice: with one value',
      cluster: () =>
        withDocker(vxlan, { ...dockerd(...GUIDE), daemonJson: { mtu: '1450', 'live-restore': 'true' } }),
      findings: ['h1 set-twice daemon.json'],
    },
    {
      name: 'bip-is-network',
      cluster: () => withDocker(vxlan, { daemonJson: { bip: '10.2.1.0/24' } }),
      findings: ['h1 bip-is-network option --bip'],
    },
    {
      name: 'mtu-differs',
      cluster: () => withDocker(vxlan, dockerd('--bip=10.2.1.1/24'), { mtu: 1500 }),
      findings: ['h1 mtu-differs option --mtu'],
    },
    {
      name: 'ip-masq-differs: nobody masquerades',
      cluster: () => withDocker(masqOff, dockerd('--bip=10.2.1.1/24', '--ip-masq=false')),
      findings: ['h1 ip-masq-differs option --ip-masq'],
    },
  ],
})

test('an Engine that does not answer is judged by its options, and said to be unsure', (t) => {
  const silent = withDocker(vxlan, { ...dockerd(...GUIDE), networks: [], apiProblem: 'permission denied' })
  t.is(evaluate(silent, [check], silent.window.to)[0]?.outcome, 'inconclusive')
  const wrong = withHost(silent, 'h1', ({ docker }) => ({
    docker: { ...docker, argv: ['dockerd', '--bip=10.2.77.1/24', '--mtu=1450'] },
  }))
  t.is(evaluate(wrong, [check], wrong.window.to)[0]?.findings[0]?.code, 'bridge/docker-options:bip-differs')
})

test('without links nothing is said', (t) => {
  const cluster = withoutFact(withDocker(vxlan), 'h1', { name: 'links' })
  t.is(evaluate(cluster, [check], cluster.window.to)[0]?.outcome, 'inconclusive')
})

test('a bip of daemon.json is to be taken out there', (t) => {
  const cluster = withDocker(vxlan, { daemonJson: { bip: '172.18.0.1/16' } })
  const findings = evaluate(cluster, [check], cluster.window.to).flatMap((outcome) => outcome.findings)
  const wrong = findings.find(({ code }) => code === 'bridge/docker-options:bip-differs')
  t.regex(wrong?.fix ?? '', /stands in daemon\.json .* pass --bip=10\.2\.1\.1\/24/)
})
