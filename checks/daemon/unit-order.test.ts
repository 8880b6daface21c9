import anyTest from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { absentUnit, builtServices, builtUnit } from '../../fixtures/build-services.ts'
import { withDocker } from '../../fixtures/docker-for-tests.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { evaluate } from '../evaluate.ts'
import type { ServiceUnit } from '../model/service-unit.ts'
import type { HostFacts } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './unit-order.ts'

const PATH = '/run/flannel/docker'
const FILE = { path: PATH, optional: true }
const COMMAND = '/usr/bin/dockerd -H fd:// $DOCKER_NETWORK_OPTIONS'
const AFTER = ['basic.target', 'flanneld.service']
const OPTIONS = {
  files: [
    {
      path: PATH,
      variables: [{ name: 'DOCKER_NETWORK_OPTIONS', options: { bip: '10.2.1.1/24', mtu: '1450' }, words: 2 }],
      otherLines: 0,
      junkLines: 0,
    },
  ],
}

interface Host {
  readonly docker?: Partial<ServiceUnit>
  readonly flanneld?: Partial<ServiceUnit>
  readonly version?: string
  readonly facts?: (facts: HostFacts) => Partial<HostFacts>
}

/** h1 with both units, right unless changed, and a dockerd without --bip. */
function units({ docker, flanneld, version = 'v0.28.9', facts = () => ({}) }: Host = {}) {
  const built = withDocker(buildCluster({ hosts: 1, backend: 'vxlan', version }))
  const right = { after: AFTER, environmentFiles: [FILE], commands: [COMMAND] }
  const services = builtServices(
    builtUnit('flanneld.service', flanneld),
    builtUnit('docker.service', { ...right, ...docker }),
  )
  return withHost(
    withHost(built, 'h1', () => ({ services, dockerOptions: OPTIONS })),
    'h1',
    facts,
  )
}

const NOT_ORDERED = { after: ['basic.target', 'network-online.target'] }
const RESTART = { restart: 'on-failure' }

testCheck(anyTest, check, {
  passes: [
    { name: 'ordered, file read', cluster: () => units() },
    { name: 'no Docker', cluster: () => buildCluster({ hosts: 1, backend: 'udp' }) },
    {
      name: 'ordered by flanneld alone',
      cluster: () => units({ docker: NOT_ORDERED, flanneld: { before: ['docker.service'] } }),
    },
    {
      name: 'ordered through a target',
      cluster: () =>
        units({
          docker: { after: ['early-docker.target'] },
          flanneld: { before: ['early-docker.target', 'shutdown.target'] },
        }),
    },
    {
      name: 'ordered after the unit that writes the file',
      cluster: () => units({ docker: { after: ['flannel-docker-opts.service'] } }),
    },
    {
      name: 'the file must exist',
      cluster: () =>
        units({ docker: { ...NOT_ORDERED, environmentFiles: [{ path: PATH, optional: false }] } }),
    },
    {
      name: 'bip fixed in daemon.json',
      cluster: () =>
        units({
          docker: { ...NOT_ORDERED, environmentFiles: [] },
          facts: ({ docker }) => ({ docker: { ...docker, daemonJson: { bip: '10.2.1.1/24' } } }),
        }),
    },
    {
      name: 'one variable per option',
      cluster: () =>
        units({
          docker: { commands: [`/usr/bin/dockerd \${DOCKER_OPT_BIP} \${DOCKER_OPT_MTU}`] },
          facts: () => ({
            dockerOptions: {
              files: [
                {
                  path: PATH,
                  variables: [{ name: 'DOCKER_OPT_BIP', options: { bip: '10.2.1.1/24' }, words: 1 }],
                  otherLines: 0,
                  junkLines: 0,
                },
              ],
            },
          }),
        }),
    },
    {
      name: 'subnet.env itself is read',
      cluster: () =>
        units({ docker: { environmentFiles: [], commands: [`/usr/bin/dockerd --bip=\${FLANNEL_SUBNET}`] } }),
    },
    {
      name: 'a start script',
      cluster: () => units({ docker: { environmentFiles: [], commands: ['/opt/start-docker.sh'] } }),
    },
    {
      name: 'a command cut where a secret was',
      cluster: () =>
        units({ docker: { environmentFiles: [], commands: ['/usr/bin/dockerd --token=********'] } }),
    },
    {
      name: 'Docker installed and not used',
      cluster: () => units({ docker: { ...NOT_ORDERED, activeState: 'inactive', subState: 'dead' } }),
    },
    {
      name: 'flanneld started by hand',
      cluster: () =>
        units({
          docker: NOT_ORDERED,
          facts: ({ services }) => ({
            services: new Map([...services, ['flanneld.service', absentUnit('flanneld.service')]]),
          }),
        }),
    },
    {
      name: 'cni0 serves the subnet',
      cluster: () =>
        units({
          docker: { ...NOT_ORDERED, environmentFiles: [] },
          facts: ({ links, addresses }) => ({
            links: links.flatMap((link) =>
              link.name === 'docker0' ? [link, { ...link, name: 'cni0' }] : [link],
            ),
            addresses: addresses.map((one) => (one.link === 'docker0' ? { ...one, link: 'cni0' } : one)),
          }),
        }),
    },
    { name: 'v0.7.1 does not end', cluster: () => units({ flanneld: RESTART, version: 'v0.7.1' }) },
    { name: 'v0.20.2 ends with 2', cluster: () => units({ flanneld: RESTART, version: 'v0.20.2' }) },
  ],
  fails: [
    {
      name: 'docker-before-flannel',
      cluster: () => units({ docker: NOT_ORDERED }),
      findings: ['h1 docker-before-flannel docker.service'],
    },
    {
      name: 'options-not-read: no file',
      cluster: () => units({ docker: { environmentFiles: [] } }),
      findings: ['h1 options-not-read docker.service'],
    },
    {
      name: 'options-not-read: the variable is not in the command',
      cluster: () => units({ docker: { commands: ['/usr/bin/dockerd -H fd:// $DOCKER_OPTS'] } }),
      findings: ['h1 options-not-read docker.service'],
    },
    {
      name: 'options-as-one-word',
      cluster: () =>
        units({ docker: { commands: [`/usr/bin/dockerd -H fd:// \${DOCKER_NETWORK_OPTIONS}`] } }),
      findings: ['h1 options-as-one-word docker.service'],
    },
    {
      name: 'restart-on-failure-only',
      cluster: () => units({ flanneld: RESTART, version: 'v0.10.0' }),
      findings: ['h1 restart-on-failure-only flanneld.service'],
    },
    {
      name: 'restart-on-failure-only: it has ended',
      cluster: () =>
        units({
          flanneld: { ...RESTART, activeState: 'inactive', subState: 'dead' },
          facts: () => ({ flanneld: { processes: [] } }),
        }),
      findings: ['h1 restart-on-failure-only flanneld.service'],
    },
    {
      name: 'no restart at all',
      cluster: () => units({ flanneld: { restart: 'no' }, version: 'v0.20.2' }),
      findings: ['h1 restart-on-failure-only flanneld.service'],
    },
  ],
})

anyTest('a state recorded before services were is not applicable, not undecided', async (t) => {
  const cluster = await recordedCluster('v0.28.9-vxlan')
  const outcomes = evaluate(cluster, [check], cluster.window.to).map(({ outcome }) => outcome)
  t.deepEqual([...new Set(outcomes)], ['not-applicable'])
})
