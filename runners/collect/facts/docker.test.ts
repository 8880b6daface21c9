import test from 'ava'
import { parsedValue, recordedText } from '../saved/recorded-section.ts'
import { docker } from './docker.ts'

test('flags, version and bridge network of a recording', (t) => {
  const found = parsedValue(docker, recordedText('v0.10.0-vxlan-docker', 'h1', 'docker'))
  t.true(found.running)
  t.is(found.version, '20.10.24+dfsg1')
  t.true(found.argv.includes('--bip=10.2.46.1/24'))
  t.deepEqual(found.networks, [
    {
      name: 'bridge',
      id: '509c6395fb50c4409e07d5520b437b32c582652874071201d43f12bcf69ae3d7',
      bridge: 'docker0',
      subnets: [{ address: 0x0a022e00, length: 24 }],
      mtu: 1450,
      ipMasquerade: false,
    },
  ])
})

test('no Engine is known, and not running', (t) => {
  t.deepEqual(parsedValue(docker, ''), { running: false, argv: [], daemonJson: {}, networks: [] })
})

test('daemon.json keys and a silent API', (t) => {
  const text =
    'pid=9\nargv=dockerd\n"bip": "10.1.7.1/24"\n"mtu" :1450\n"ip-masq":false\nproblem=Cannot connect\n'
  const found = parsedValue(docker, text)
  t.deepEqual(found.daemonJson, { bip: '10.1.7.1/24', mtu: '1450', 'ip-masq': 'false' })
  t.is(found.apiProblem, 'Cannot connect')
  t.true(found.running)
})

test("a user-defined network's bridge is named after its id", (t) => {
  const text = 'version=1\nnetwork=["web","0123456789abcdef",null,[{"Subnet":"172.20.0.0/16"}]]\n'
  t.is(parsedValue(docker, text).networks[0]?.bridge, 'br-0123456789ab')
})
