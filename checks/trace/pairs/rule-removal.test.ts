/** Rules of programs that write them again: those are told, since a rule that is edited beside them is gone with the next reload. */
import test from 'ava'
import type { LosingRule } from '../filter/verdict.ts'
import { ownerOf, removalFixes } from './rule-removal.ts'

const PLACE = { host: 'h1', network: '10.2.0.0/16' }
const drop = (world: LosingRule['world'], chain: string, more: Partial<LosingRule> = {}): LosingRule => ({
  by: 'drop',
  byPolicy: false,
  world,
  chain,
  ...more,
})

const OWNED: readonly (readonly [rule: LosingRule, commands: readonly string[], advice: RegExp])[] = [
  [
    drop('nft', 'inet firewalld/filter_FORWARD', { handle: 7 }),
    ['firewall-cmd --permanent --zone=trusted --add-source=10.2.0.0/16', 'firewall-cmd --reload'],
    /^firewalld writes it again/,
  ],
  [
    drop('iptables-nft', 'filter/ufw-reject-forward', { words: ['-j', 'REJECT'] }),
    ['ufw route allow from 10.2.0.0/16 to 10.2.0.0/16'],
    /^ufw writes it again/,
  ],
  [
    drop('iptables-legacy', 'filter/DOCKER-ISOLATION-STAGE-2', { words: ['-o', 'docker0', '-j', 'DROP'] }),
    [
      'iptables-legacy -t filter -I DOCKER-USER -s 10.2.0.0/16 -j ACCEPT',
      'iptables-legacy -t filter -I DOCKER-USER -d 10.2.0.0/16 -j ACCEPT',
    ],
    /^Docker writes it again/,
  ],
]

for (const [rule, commands, advice] of OWNED) {
  test(`${rule.chain}: its program is told`, (t) => {
    const fixes = removalFixes(rule, PLACE)
    t.deepEqual(
      fixes.map(({ command }) => command),
      commands,
    )
    t.regex(ownerOf(rule, PLACE.network) ?? '', advice)
  })
}

test('packets that carry others are let in by their port: the network is not their source', (t) => {
  const carrier = { ...PLACE, opened: { port: 8472, link: 'eth0' } }
  const commandsOf = (chain: string) =>
    removalFixes(drop('nft', chain), carrier).map(({ command, undo }) => [command, undo])
  const zone = '"$(firewall-cmd --get-zone-of-interface=eth0 || firewall-cmd --get-default-zone)"'
  t.deepEqual(commandsOf('inet firewalld/filter_INPUT'), [
    [
      `firewall-cmd --permanent --zone=${zone} --add-port=8472/udp`,
      `firewall-cmd --permanent --zone=${zone} --remove-port=8472/udp`,
    ],
    ['firewall-cmd --reload', undefined],
  ])
  t.deepEqual(commandsOf('ip filter/ufw-user-input'), [
    [
      'ufw allow in on eth0 to any port 8472 proto udp',
      'ufw delete allow in on eth0 to any port 8472 proto udp',
    ],
  ])
})

test('what no program is known to write again is taken out, or accepted before a policy, by its own tool', (t) => {
  const commandsOf = (rule: LosingRule) => removalFixes(rule, PLACE).map(({ command }) => command)
  t.deepEqual(commandsOf(drop('nft', 'inet mine/f', { handle: 9 })), ['nft delete rule inet mine f handle 9'])
  t.deepEqual(commandsOf(drop('iptables-nft', 'filter/FORWARD', { words: ['-j', 'DROP'] })), [
    'iptables -t filter -D FORWARD -j DROP',
  ])
  t.deepEqual(commandsOf(drop('nft', 'inet mine/f', { byPolicy: true })), [
    'nft insert rule inet mine f ip saddr 10.2.0.0/16 accept',
    'nft insert rule inet mine f ip daddr 10.2.0.0/16 accept',
  ])
  t.is(ownerOf(drop('nft', 'inet mine/f'), PLACE.network), undefined)
})
