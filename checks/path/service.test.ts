import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { builtNetwork, containerAddress, withSecondContainer } from '../../fixtures/containers-for-tests.ts'
import { both, type Edit, HOST_GW, route, rule, VXLAN } from '../../fixtures/walk-edits-for-tests.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './service.ts'

const TEXT = '-A INPUT -p tcp -j DROP'
const DROPS_TCP = {
  variant: 'nf_tables',
  chains: [{ table: 'filter', name: 'INPUT', policy: 'ACCEPT' }],
  rules: [{ table: 'filter', chain: 'INPUT', text: TEXT, words: TEXT.split(' ') }],
} as const

/** h1c2 drops TCP, h1c1 does not. */
const guardedSecond = withHost(
  withSecondContainer(VXLAN, {
    addresses: [containerAddress('10.2.1.9', { address: 0x0a020109, length: 24 })],
  }),
  'h1',
  ({ containers }) => ({
    containers: containers.map((one) =>
      one.name === 'h1c2' ? { ...one, network: { ...builtNetwork(one), iptables: DROPS_TCP } } : one,
    ),
  }),
)

const LOCAL_DEFAULT = { destination: { address: 0, length: 0 }, type: 'local', link: 'lo', table: '100' }

/** What a transparent proxy leaves behind: a policy rule that leads to the host itself. */
const toProxy = (...other: readonly string[]): Edit =>
  both(
    (cluster) =>
      withHost(cluster, 'h2', ({ rules }) => ({
        rules: [{ priority: 99, from: 'all', table: '100', other }, ...rules],
      })),
    route('h2', LOCAL_DEFAULT),
  )

const marksTcp = rule('h2', 'mangle/PREROUTING', '-i docker0 -p tcp -j MARK --set-xmark 0x1/0xffffffff')

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => VXLAN },
    { name: 'host-gw', cluster: () => HOST_GW },
    {
      name: 'pings are lost to the same rule',
      cluster: () => rule('h2', 'FORWARD', '-d 10.2.2.2/32 -j DROP')(VXLAN),
    },
    { name: 'a policy rule for a mark that nothing has', cluster: () => toProxy('fwmark 0x1')(VXLAN) },
    { name: 'a policy rule by which pings are lost too', cluster: () => toProxy('iif docker0')(VXLAN) },
    ...recordedCases(),
  ],
  fails: [
    {
      name: 'all of UDP, code protocol-dropped',
      cluster: () => rule('h2', 'FORWARD', '-d 10.2.2.0/24 -p udp -j DROP')(VXLAN),
      findings: [
        'h2 protocol-dropped UDP, rule of iptables-nft filter/FORWARD: -A FORWARD -d 10.2.2.0/24 -p udp -j DROP',
      ],
    },
    {
      name: 'a port that Docker publishes, code published-port-dropped',
      cluster: () =>
        rule(
          'h1',
          'nat/DOCKER',
          '! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.2.1.2:80',
        )(rule('h1', 'FORWARD', '-d 10.2.1.2/32 ! -i docker0 -p tcp -m tcp --dport 80 -j DROP')(VXLAN)),
      findings: [
        'h1 published-port-dropped TCP port 80, rule of iptables-nft filter/FORWARD: -A FORWARD -d 10.2.1.2/32 ! -i docker0 -p tcp -m tcp --dport 80 -j DROP',
      ],
    },
    {
      name: 'TCP that a mark leads to a proxy of the host, code protocol-astray',
      cluster: () => both(toProxy('fwmark 0x1'), marksTcp)(VXLAN),
      findings: ['h2 protocol-astray TCP, route 99: from all fwmark 0x1 lookup 100'],
    },
    {
      name: 'UDP that a policy rule leads there by its protocol',
      cluster: () => toProxy('iif docker0', 'ipproto udp')(HOST_GW),
      findings: ['h2 protocol-astray UDP, route 99: from all iif docker0 ipproto udp lookup 100'],
    },
    {
      name: 'one port, code port-astray',
      cluster: () => toProxy('iif docker0', 'ipproto tcp', 'dport 80')(VXLAN),
      findings: [
        'h2 port-astray TCP port 80, route 99: from all iif docker0 ipproto tcp dport 80 lookup 100',
      ],
    },
    {
      name: 'all of TCP inside a second container, code protocol-dropped',
      cluster: () => guardedSecond,
      findings: [
        'h1 protocol-dropped TCP, container h1c2: rule of iptables-nft filter/INPUT: -A INPUT -p tcp -j DROP',
      ],
    },
    {
      name: 'one port, code port-dropped',
      cluster: () =>
        rule('h1', 'FORWARD', '-d 10.2.1.2/32 ! -i docker0 -p tcp -m tcp --dport 8080 -j DROP')(VXLAN),
      findings: [
        'h1 port-dropped TCP port 8080, rule of iptables-nft filter/FORWARD: -A FORWARD -d 10.2.1.2/32 ! -i docker0 -p tcp -m tcp --dport 8080 -j DROP',
      ],
    },
  ],
})
