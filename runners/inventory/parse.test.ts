import test from 'ava'
import fc from 'fast-check'
import { InputError } from '../input-error.ts'
import { loadInventory } from './inventory.ts'
import { parseInventory } from './parse.ts'

const FULL = `
etcd:
  endpoints: [https://192.0.2.10:2379, 192.0.2.11:2379]
  prefix: /kube-centos/network
  api: v3
  ca: tls/ca.pem
  cert: /etc/tls/cert.pem
  key: ../key.pem
  user: reader
  password: "pa:ss"
  via: netns://switch
hosts:
  - name: h1
    via: netns://h1
    subnetFile: h1/subnet.env
    flanneldPid: 4242
    dockerSocket: /run/h1.sock
    containers:
      - { name: c1, via: netns://h1c1 }
  - { name: h2, via: "ssh://core@192.0.2.2" }
`

test('a full inventory, paths relative to the file', (t) => {
  t.deepEqual(parseInventory(FULL, '/lab/inventory.yaml'), {
    etcd: {
      endpoints: ['https://192.0.2.10:2379', '192.0.2.11:2379'],
      prefix: '/kube-centos/network',
      api: 'v3',
      ca: '/lab/tls/ca.pem',
      cert: '/etc/tls/cert.pem',
      key: '/key.pem',
      user: 'reader',
      password: 'pa:ss',
      via: 'netns://switch',
    },
    hosts: [
      {
        name: 'h1',
        via: 'netns://h1',
        subnetFile: '/lab/h1/subnet.env',
        flanneldPid: 4242,
        dockerSocket: '/run/h1.sock',
        containers: [{ name: 'c1', via: 'netns://h1c1' }],
      },
      { name: 'h2', via: 'ssh://core@192.0.2.2' },
    ],
    complete: true,
  })
})

test('JSON is accepted, etcd may be left out', (t) => {
  const text = JSON.stringify({ hosts: [{ name: 'a', via: 'local:' }] }, undefined, '\t')
  t.deepEqual(parseInventory(text, '/x.json'), {
    etcd: {},
    hosts: [{ name: 'a', via: 'local:' }],
    complete: true,
  })
})

test('what ssh and vagrant hosts are reached with', (t) => {
  const text = [
    'sshConfig: lab/ssh_config',
    'hosts:',
    '  - { name: a, via: "ssh://a" }',
    '  - { name: b, via: "vagrant://b" }',
    '  - { name: c, via: "netns://c" }',
  ].join('\n')
  t.deepEqual(parseInventory(text, '/srv/x/hosts.yaml').hosts, [
    { name: 'a', via: 'ssh://a', sshConfig: '/srv/x/lab/ssh_config' },
    { name: 'b', via: 'vagrant://b', vagrantFolder: '/srv/x' },
    { name: 'c', via: 'netns://c' },
  ])
})

const HOST = 'hosts:\n  - name: a\n    via: "local:"\n'

const refused: readonly (readonly [string, string, string])[] = [
  [
    'unknown key',
    `${HOST}    subnetfile: x\n`,
    ':4:5: hosts[0].subnetfile: unknown key; did you mean "subnetFile"?',
  ],
  ['unknown key at the top', `${HOST}host: []\n`, ':4:1: host: unknown key; did you mean "hosts"?'],
  [
    'unknown key in etcd',
    `${HOST}etcd: { endpoints: ["http://h:1"], zzzzzzzzzz: 1 }`,
    ':4:36: etcd.zzzzzzzzzz: unknown key; known keys: endpoints, prefix, api, ca, cert, key, user, password, via',
  ],
  ['missing via', 'hosts:\n  - name: a\n', ':2:5: hosts[0].via: expected a host URL (local: ·'],
  [
    'bad via',
    'hosts:\n  - name: a\n    via: netns://-x\n',
    ':3:10: hosts[0].via: expected netns://NAME (see: ip netns list) or netns://NAME@PID, ',
  ],
  [
    'number for a name',
    'hosts:\n  - name: 7\n    via: "local:"\n',
    ':2:11: hosts[0].name: expected a host name, got 7',
  ],
  ['no hosts', 'hosts: []\n', ':1:8: hosts: expected at least one host, got a list'],
  ['empty file', '', ':1:1: inventory: expected a mapping with hosts (and etcd), got '],
  [
    'a bad endpoint',
    `${HOST}etcd:\n  endpoints: ["ftp://h"]`,
    ':5:15: etcd.endpoints[0]: expected an etcd URL such as http://192.0.2.10:2379, got "ftp://h"',
  ],
  [
    'a bad api',
    `${HOST}etcd: { endpoints: ["h:1"], api: v4 }`,
    ':4:34: etcd.api: expected auto, v2 or v3, got "v4"',
  ],
  ['a bad pid', `${HOST}    flanneldPid: -1\n`, ':4:18: hosts[0].flanneldPid: expected a process id, got -1'],
  [
    'a container that is no namespace',
    `${HOST}    containers: [{ name: c, via: "docker://c" }]`,
    ':4:34: hosts[0].containers[0].via: expected netns://NAME, got "docker://c"',
  ],
  [
    'two hosts of one name',
    `${HOST}  - { name: a, via: "netns://b" }\n`,
    ':4:13: hosts[1].name: expected a name of its own, got "a", which is hosts[0]',
  ],
  ['a duplicate key', 'hosts:\n  - name: a\n    name: b\n', ':3:5: Map keys must be unique'],
  [
    'local: without quotes',
    'hosts:\n  - name: a\n    via: local:\n',
    ':3:10: Nested mappings are not allowed in compact mappings; write "local:" in quotes',
  ],
  ['broken YAML', 'hosts: [\n', ':2:1: '],
]
for (const [title, text, expected] of refused) {
  test(`refused: ${title}`, (t) => {
    const error = t.throws(() => parseInventory(text, 'inv.yaml'), { instanceOf: InputError })
    const message = error?.message ?? ''
    t.true(message.startsWith(`inv.yaml${expected}`), message)
    t.false(message.includes('\n'))
  })
}

test('quotes are advised only for the line that lacks them', (t) => {
  const text = 'hosts:\n  - name: a # local:\n    name: b\n    via: "local:"\n'
  t.notRegex(t.throws(() => parseInventory(text, 'inv:1:2.yaml')).message, /quotes/)
})

test('every problem is told, in the order of the lines, and a misspelt key is not missing besides', (t) => {
  const text =
    'etcd:\n  endpoint: [x]\nhosts:\n  - nam: h1\n    via: "telnet:"\n  - name: h2\n    subnetfile: /x\n    via: "local:"\n'
  const { message = '' } = t.throws(() => parseInventory(text, 'inv.yaml'), { instanceOf: InputError }) ?? {}
  t.deepEqual(
    [...message.matchAll(/inv\.yaml:(\d+):\d+: ([\w[\].]+):/g)].map(([, line, field]) => `${line} ${field}`),
    ['2 etcd.endpoint', '4 hosts[0].nam', '5 hosts[0].via', '7 hosts[1].subnetfile'],
  )
  t.notRegex(message, /hosts\[0\]\.name/)
})

test('a wrong password is not repeated', (t) => {
  const text = `${HOST}etcd: { endpoints: ["h:1"], password: [canary] }`
  const error = t.throws(() => parseInventory(text, 'inv.yaml'), { instanceOf: InputError })
  t.regex(error?.message ?? '', /etcd\.password: expected a password in quotes/)
  t.notRegex(error?.message ?? '', /canary/)
})

test('a file that cannot be read', async (t) => {
  const absent = `${import.meta.dirname}/absent/inv.yaml`
  await t.throwsAsync(loadInventory(absent), {
    instanceOf: InputError,
    message: `inventory ${absent}: no such file`,
  })
  await t.throwsAsync(loadInventory('/'), { instanceOf: InputError, message: 'inventory /: is a directory' })
})

test('any text is an inventory or an InputError of one line', (t) => {
  const mutated = fc
    .tuple(fc.nat(FULL.length), fc.nat(20), fc.string({ unit: 'binary' }))
    .map(([at, cut, insert]) => FULL.slice(0, at) + insert + FULL.slice(at + cut))
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), mutated), (text) => {
      try {
        return parseInventory(text, 'x').hosts.length > 0
      } catch (error) {
        return error instanceof InputError && !/[\u0000-\u001f]/.test(error.message)
      }
    }),
    { numRuns: 300 },
  )
  t.pass()
})

test('a nesting that no parser follows is refused in a line', (t) => {
  for (const text of ['['.repeat(20_000), '{a: '.repeat(20_000), '- '.repeat(20_000)]) {
    const { message } = t.throws(() => parseInventory(text, 'x'), { instanceOf: InputError })
    t.notRegex(message, /call stack|\n/)
  }
})
