import anyTest from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { withDocker } from '../../fixtures/docker-for-tests.ts'
import type { Docker } from '../model/container-bridge.ts'
import type { DockerOptionsFile, DockerOptionVariable } from '../model/docker-options.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './docker-options-file.ts'

const PATH = '/run/flannel/docker'
const GUIDE = { bip: '10.2.1.1/24', 'ip-masq': 'false', mtu: '1450' }
const STALE = { ...GUIDE, bip: '10.2.77.1/24' }
const FLAGS = ['dockerd', '--bip=10.2.1.1/24', '--ip-masq=false', '--mtu=1450']
const OTHER_SUBNET = { subnets: [{ address: 0xac110000, length: 16 }] }

function file(
  options: DockerOptionVariable['options'],
  changes: Partial<DockerOptionsFile> = {},
): DockerOptionsFile {
  const variables = [{ name: 'DOCKER_NETWORK_OPTIONS', options, words: Object.keys(options).length }]
  return { path: PATH, variables, otherLines: 0, junkLines: 0, ...changes }
}

const withFiles = (cluster: ClusterSnapshot, ...files: readonly DockerOptionsFile[]) =>
  withHost(cluster, 'h1', () => ({ dockerOptions: { files } }))

const vxlan = buildCluster({ hosts: 2, backend: 'vxlan' })
const masqOff = buildCluster({ hosts: 2, backend: 'vxlan', ipMasq: false })
const dockerd = (settings: Partial<Docker> = {}) => withDocker(vxlan, { argv: FLAGS, ...settings })

testCheck(anyTest, check, {
  passes: [
    { name: 'no such file', cluster: () => vxlan },
    { name: 'as mk-docker-opts.sh writes it', cluster: () => withFiles(dockerd(), file(GUIDE)) },
    { name: 'without Docker', cluster: () => withFiles(vxlan, file(GUIDE)) },
    {
      name: 'host-gw',
      cluster: () =>
        withFiles(buildCluster({ hosts: 2, backend: 'host-gw' }), file({ ...GUIDE, mtu: '1500' })),
    },
    {
      name: 'udp',
      cluster: () => withFiles(buildCluster({ hosts: 2, backend: 'udp' }), file({ ...GUIDE, mtu: '1472' })),
    },
    {
      name: 'by hand, without --ip-masq, a smaller MTU',
      cluster: () =>
        withFiles(
          dockerd(),
          file({ bip: '10.2.1.1/24', mtu: '1400' }, { path: '/etc/sysconfig/docker-network' }),
        ),
    },
    {
      name: 'the empty file of a distribution',
      cluster: () => withFiles(dockerd(), file({}, { path: '/etc/sysconfig/docker-network' })),
    },
    {
      name: 'a leftover beside the right one',
      cluster: () => withFiles(dockerd(), file(STALE, { path: '/run/docker_opts.env' }), file(GUIDE)),
    },
    {
      name: 'the same in daemon.json',
      cluster: () =>
        withFiles(withDocker(vxlan, { daemonJson: { bip: '10.2.1.1/24', mtu: '1450' } }), file(GUIDE)),
    },
    {
      name: 'a combined variable of another name',
      cluster: () => withFiles(dockerd(), file({}, { variables: [], otherLines: 1 })),
    },
    {
      name: 'subnet.env of another lease: the file is right',
      cluster: () =>
        withHost(withFiles(dockerd(), file(GUIDE)), 'h1', ({ subnetEnv }) => ({
          subnetEnv: { ...subnetEnv, subnet: { address: 0x0a024d01, length: 24 } },
        })),
    },
    {
      name: 'cni0 serves the subnet',
      cluster: () =>
        withHost(withFiles(dockerd(), file(STALE)), 'h1', ({ links, addresses, docker }) => ({
          links: links.flatMap((link) =>
            link.name === 'docker0' ? [link, { ...link, name: 'cni0' }] : [link],
          ),
          addresses: addresses.map((one) => (one.link === 'docker0' ? { ...one, link: 'cni0' } : one)),
          docker: { ...docker, argv: ['dockerd'] },
        })),
    },
  ],
  fails: [
    {
      name: 'differs: of a former lease',
      cluster: () => withFiles(dockerd(), file(STALE)),
      findings: [`h1 differs --bip in ${PATH}`],
    },
    {
      name: 'differs: the address of the subnet instead of one in it',
      cluster: () => withFiles(dockerd(), file({ ...GUIDE, bip: '10.2.1.0/24' })),
      findings: [`h1 differs --bip in ${PATH}`],
    },
    {
      name: 'differs: no room for vxlan',
      cluster: () => withFiles(dockerd(), file({ ...GUIDE, mtu: '1500' })),
      findings: [`h1 differs --mtu in ${PATH}`],
    },
    {
      name: 'differs: nobody would masquerade',
      cluster: () => withFiles(masqOff, file(GUIDE)),
      findings: [`h1 differs --ip-masq in ${PATH}`],
    },
    {
      name: 'empty',
      cluster: () => withFiles(dockerd(), file({})),
      findings: [`h1 empty ${PATH}`],
    },
    {
      name: 'junk',
      cluster: () => withFiles(dockerd(), file(GUIDE, { junkLines: 3, otherLines: 6 })),
      findings: [`h1 junk ${PATH}`],
    },
    {
      name: 'not-used: no options at all',
      cluster: () => withFiles(withDocker(vxlan, {}, OTHER_SUBNET), file(GUIDE)),
      findings: [`h1 not-used ${PATH}`],
    },
    {
      name: 'not-used: Docker was not restarted',
      cluster: () => withFiles(withDocker(vxlan, { argv: ['dockerd', '--bip=10.2.77.1/24'] }), file(GUIDE)),
      findings: [`h1 not-used ${PATH}`],
    },
  ],
})
