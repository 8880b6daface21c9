import test from 'ava'
import { parsedValue, recordedText, sectionOf } from '../recorded-section.ts'
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
