import { readFileSync } from 'node:fs'
import test from 'ava'
import fc from 'fast-check'
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
  const inet = text('device "eth0"').replaceAll('netdev', 'inet')
  t.is(parsedValue(nftables, inet).chains[0]?.link, 'eth0')
})

/** The same ruleset as nft 1.0.6 prints it in both forms. */
const printed = (form: string) =>
  parsedValue(nftables, readFileSync(new URL(`recorded/nftables-1.0.6.${form}`, import.meta.url), 'utf8'))

test('the text of a ruleset says the same as its JSON', (t) => {
  const [json, text] = [printed('json'), printed('txt')]
  t.deepEqual(text.tables, json.tables)
  t.deepEqual(text.sets, json.sets)
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
  // The JSON of nft before v1.0.8 leaves out a netdev chain's link.
  const withLinks = json.chains.map((chain) => (chain.family === 'netdev' ? { ...chain, link: 'lo' } : chain))
  t.deepEqual([...text.chains].sort(byName), [...withLinks].sort(byName))
  t.is(text.rules.length, json.rules.length)
  for (const [at, rule] of json.rules.entries()) {
    // The JSON fills in what a bare reject stands for, and calls a class number a text.
    const said = JSON.stringify(rule.expressions)
      .replace('{"reject":{"type":"icmp","expr":"port-unreachable"}}', '{"reject":null}')
      .replace('"right":"1"', '"right":1')
      .replace('{"masquerade":null}', '{"masquerade":{}}')
    t.deepEqual({ ...text.rules[at] }, { ...rule, expressions: JSON.parse(said) })
  }
})

test('what the text reader does not follow is a condition nobody can judge, its verdict kept', (t) => {
  const chain = (rule: string): string => `table ip t {\n\tchain c {\n\t\t${rule}\n\t}\n}\n`
  const of = (rule: string) => parsedValue(nftables, chain(rule)).rules[0]?.expressions
  t.deepEqual(of('socket transparent 1 drop # handle 4'), [
    { unread: { text: 'socket transparent 1 drop' } },
    { drop: null },
  ])
  t.deepEqual(of('ip saddr 10.0.0.1 tproxy to :50080'), [
    { match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: '10.0.0.1' } },
    { unread: { text: 'tproxy to :50080' } },
    { xt: { type: 'target', name: 'unread' } },
  ])
})

test('a set over several lines, elements with a timeout, a base chain of several links', (t) => {
  const found = parsedValue(
    nftables,
    `# Warning: table ip filter is managed by iptables-nft, do not touch!
table netdev t {
	set s {
		type ipv4_addr
		elements = { 10.0.0.1 timeout 5m expires 3m,
			     10.0.0.2,
			     10.1.0.0-10.1.0.9 }
	}

	chain c {
		type filter hook ingress devices = { "eth0", "eth1" } priority raw - 5; policy accept;
	}
}
`,
  )
  t.deepEqual(found.sets[0]?.elements, ['10.0.0.1', '10.0.0.2', { range: ['10.1.0.0', '10.1.0.9'] }])
  t.like(found.chains[0], { hook: 'ingress', priority: -305, link: 'eth0,eth1' })
})

test('text that is no ruleset, or that ends inside a table, is refused', (t) => {
  for (const text of ['Usage: nft', 'table ip t {\n', '}\n']) t.throws(() => parsedValue(nftables, text))
})

test('no rule makes the reader of the text loop or throw', (t) => {
  const words = fc.constantFrom(
    'ip',
    'saddr',
    '{',
    '}',
    ',',
    '.',
    ':',
    '@s',
    '&',
    '(',
    'vmap',
    'set',
    'counter',
    '"',
  )
  fc.assert(
    fc.property(fc.array(words, { maxLength: 12 }), (parts) => {
      const text = `table ip t {\n\tchain c {\n\t\tx ${parts.join(' ')}\n\t}\n}\n`
      t.is(parsedValue(nftables, text).rules.length, 1)
    }),
  )
})
