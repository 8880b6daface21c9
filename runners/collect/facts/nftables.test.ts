import test from 'ava'
import { parsedValue, recordedText, sectionOf } from '../saved/recorded-section.ts'
import { nftables } from './nftables.ts'

test('tables, chains and rules of a recording', (t) => {
  const found = parsedValue(nftables, recordedText('v0.10.0-vxlan', 'h1', 'nftables'))
  t.deepEqual(found.tables, [
    { family: 'ip', name: 'filter' },
    { family: 'ip', name: 'nat' },
  ])
  t.deepEqual(found.chains[0], {
    family: 'ip',
    table: 'filter',
    name: 'FORWARD',
    type: 'filter',
    hook: 'forward',
    priority: 0,
    policy: 'accept',
  })
  t.is(found.rules[0]?.handle, 2)
  t.deepEqual(found.rules[0]?.expressions[2], { accept: null })
})

test('sets, maps and netdev chains', (t) => {
  const document = {
    nftables: [
      { metainfo: {} },
      { set: { family: 'inet', table: 'f', name: 's', elem: ['10.0.0.1'] } },
      { map: { family: 'inet', table: 'f', name: 'm', elem: [['a', 'b']] } },
      { chain: { family: 'netdev', table: 'f', name: 'c', dev: 'eth0', hook: 'ingress', prio: -500 } },
    ],
  }
  const found = parsedValue(nftables, JSON.stringify(document))
  t.deepEqual(
    found.sets.map(({ name, elements }) => [name, elements]),
    [
      ['s', ['10.0.0.1']],
      ['m', [['a', 'b']]],
    ],
  )
  t.is(found.chains[0]?.link, 'eth0')
})

test('no output is an empty ruleset, another document is a problem', (t) => {
  t.deepEqual(parsedValue(nftables, '').rules, [])
  t.true('problem' in nftables.parse(sectionOf('nftables', '[]')))
})

test('links of netdev chains come from the text where the JSON has none', (t) => {
  const chain = { family: 'netdev', table: 'eat', name: 'in', handle: 1, type: 'filter', hook: 'ingress' }
  const json = JSON.stringify({ nftables: [{ table: { family: 'netdev', name: 'eat' } }, { chain }] })
  const text = (devices: string): string =>
    `${json}\ntable netdev eat {\n\tchain in {\n\t\ttype filter hook ingress ${devices} priority filter; policy drop;\n\t}\n}\n`
  t.is(parsedValue(nftables, text('device "flannel.1"')).chains[0]?.link, 'flannel.1')
  t.is(parsedValue(nftables, text('devices = { "eth0", "eth1" }')).chains[0]?.link, 'eth0,eth1')
  t.is(parsedValue(nftables, json).chains[0]?.link, undefined)
})
