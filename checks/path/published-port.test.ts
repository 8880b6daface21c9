import test from 'ava'
import { withHost, withoutFact } from '../../fixtures/build.ts'
import {
  containerAddress,
  withContainer,
  withPort,
  withSecondContainer,
} from '../../fixtures/containers-for-tests.ts'
import {
  chain,
  cni,
  docker,
  GONE,
  inNft,
  OWN,
  object,
  PUBLISHED,
  words,
} from '../../fixtures/published-ports-for-tests.ts'
import { both, HOST_GW, rule, VXLAN } from '../../fixtures/walk-edits-for-tests.ts'
import { evaluate } from '../evaluate.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './published-port.ts'

const second = withSecondContainer(VXLAN, {
  addresses: [containerAddress('10.2.1.9', { address: 0x0a020109, length: 24 })],
})

testCheck(test, check, {
  passes: [
    { name: 'nothing is published', cluster: () => VXLAN },
    { name: 'a port of a container', cluster: () => docker(OWN)(VXLAN) },
    { name: 'host-gw', cluster: () => docker(OWN)(HOST_GW) },
    { name: 'by nft', cluster: () => inNft('10.2.1.2') },
    { name: 'by CNI', cluster: () => cni(OWN)(VXLAN) },
    { name: 'a port of a container of another host', cluster: () => docker('10.2.2.2:80')(VXLAN) },
    {
      name: 'two containers, two ports',
      cluster: () =>
        both(
          rule('h1', 'nat/DOCKER', `${PUBLISHED.replace('8080', '8081')} 10.2.1.9:80`),
          docker(OWN),
        )(second),
    },
    { name: 'one that is no address of the network', cluster: () => docker('172.18.0.7:80')(VXLAN) },
    { name: 'a rule that is left behind that of the container', cluster: () => docker(GONE, OWN)(VXLAN) },
    {
      name: 'bound to the loopback',
      cluster: () => both(docker(), rule('h1', 'nat/DOCKER', `-d 127.0.0.1/32 ${PUBLISHED} ${OWN}`))(VXLAN),
    },
    {
      name: 'bound to an address that another host may have now',
      cluster: () => both(docker(), rule('h1', 'nat/DOCKER', `-d 172.20.0.99/32 ${PUBLISHED} ${OWN}`))(VXLAN),
    },
    {
      name: 'for one sender a rule of its own',
      cluster: () =>
        both(
          docker(OWN),
          rule(
            'h1',
            'nat/PREROUTING',
            `-s 192.168.7.7/32 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.2.2.2:80`,
          ),
        )(VXLAN),
    },
    {
      name: 'a container whose network could not be read',
      cluster: () =>
        docker(GONE)(
          withContainer(VXLAN, (one) => [one, { ...one, name: 'x', problem: 'gone', addresses: [] }]),
        ),
    },
    {
      name: 'the containers are not known',
      cluster: () => docker(GONE)(withoutFact(VXLAN, 'h1', { name: 'containers' })),
    },
    {
      name: 'a port of the bridge that leads to no container',
      cluster: () =>
        docker(GONE)(withPort(VXLAN, (port) => [port, { ...port, index: 77, name: 'vnet0', kind: 'tun' }])),
    },
    {
      name: 'an address that answers',
      cluster: () =>
        both(docker(GONE), (cluster) =>
          withHost(cluster, 'h1', ({ neighbours: all }) => ({
            neighbours: [
              ...all,
              { address: '10.2.1.9', link: 'docker0', mac: '52:54:00:00:00:01', states: ['REACHABLE'] },
            ],
          })),
        )(VXLAN),
    },
    ...recordedCases(),
  ],
  fails: [
    {
      name: 'a container that is gone, code nobody',
      cluster: () => docker(GONE)(VXLAN),
      findings: [`h1 nobody ${object('tcp 8080', 'DOCKER', words('DOCKER', GONE))}`],
    },
    {
      name: 'a container that is gone, of CNI, code nobody',
      cluster: () => cni(GONE)(VXLAN),
      findings: [
        `h1 nobody ${object('tcp 8080', 'CNI-DN-0a1b', `-A CNI-DN-0a1b -p tcp -m tcp --dport 8080 -j DNAT --to-destination ${GONE}`)}`,
      ],
    },
    {
      name: 'a container of another host that is gone, code nobody',
      cluster: () => docker('10.2.2.77:80')(VXLAN),
      findings: [`h1 nobody ${object('tcp 8080', 'DOCKER', words('DOCKER', '10.2.2.77:80'))}`],
    },
    {
      name: 'a subnet that no host has, by nft, code nobody',
      cluster: () => inNft('10.2.99.2'),
      findings: [
        'h1 nobody port tcp 8080, rule of nft ip docker-bridges/pre: tcp dport 8080 dnat to 10.2.99.2:80',
      ],
    },
    {
      name: 'a rule of before stands in front, code hidden',
      cluster: () => docker(OWN, GONE)(VXLAN),
      findings: [`h1 hidden ${object('tcp 8080', 'DOCKER', words('DOCKER', GONE))}`],
    },
    {
      name: 'another container is given the port, code taken',
      cluster: () => docker(OWN, '10.2.2.2:80')(VXLAN),
      findings: [`h1 taken ${object('tcp 8080', 'DOCKER', words('DOCKER', '10.2.2.2:80'))}`],
    },
    {
      name: 'the host’s own packets alone are given elsewhere, code taken',
      cluster: () =>
        rule(
          'h1',
          'nat/OUTPUT',
          '-p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.2.2.2:80',
        )(docker(OWN)(VXLAN)),
      findings: [
        `h1 taken ${object('tcp 8080', 'OUTPUT', '-A OUTPUT -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.2.2.2:80')}`,
      ],
    },
    {
      name: 'nothing leads to the chain of Docker, code unasked',
      cluster: () => both(rule('h1', 'nat/DOCKER', `${PUBLISHED} ${OWN}`), chain('h1', 'DOCKER'))(VXLAN),
      findings: [`h1 unasked ${object('tcp 8080', 'DOCKER', words('DOCKER', OWN))}`],
    },
    {
      name: 'a rule closes the port to others, code dropped',
      cluster: () =>
        both(
          docker(OWN),
          rule('h1', 'DOCKER-USER', '-i eth0 -p tcp -m tcp --dport 80 -j DROP'),
          chain('h1', 'DOCKER-USER'),
          rule('h1', 'FORWARD', '-j DOCKER-USER'),
        )(VXLAN),
      findings: [
        'h1 dropped port tcp 8080, rule of iptables-nft filter/DOCKER-USER: -A DOCKER-USER -i eth0 -p tcp -m tcp --dport 80 -j DROP',
      ],
    },
  ],
})

test('the command takes out the rule that is met, and nothing else', (t) => {
  const cluster = docker(OWN, GONE)(VXLAN)
  const [result] = evaluate(cluster, [check], cluster.window.to)
  t.deepEqual(
    result?.findings[0]?.fixes.map(({ command }) => command),
    [
      "iptables -t nat -D DOCKER '!' -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.2.1.9:80",
    ],
  )
})
