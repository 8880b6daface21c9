/** Random rules and chains of iptables. */
import type { Change, Scene } from './change.ts'
import { type Draw, pick, some } from './draw.ts'

const LINKS = ['flannel.1', 'docker0', 'eth0', 'lo', 'dock+']
const VERDICTS = ['DROP', 'DROP', 'ACCEPT', 'RETURN', 'REJECT']

function iptablesMatches({ own, peer, peerSubnet, network, peerPublic }: Scene): readonly string[] {
  const addresses = [own, peer, peerSubnet, network, `${peerPublic}/32`, '10.99.0.0/16', '0.0.0.0/1']
  return [
    ...addresses.flatMap((one) => [`-s ${one}`, `-d ${one}`, `! -s ${one}`]),
    ...['icmp', 'udp', 'tcp'].flatMap((one) => [`-p ${one}`, `! -p ${one}`]),
    '-p icmp -m icmp --icmp-type 8',
    '-p icmp -m icmp --icmp-type echo-reply',
    '-p udp -m udp --dport 8472',
    '-p udp -m multiport --dports 53,8472,9000:9010',
    '-p tcp -m tcp --dport 80 --tcp-flags SYN,ACK SYN',
    '-m conntrack --ctstate NEW',
    '-m conntrack --ctstate RELATED,ESTABLISHED',
    '-m conntrack ! --ctstate INVALID',
    '-m conntrack --ctdir ORIGINAL',
    '-m mark --mark 0x0/0x7',
    '-m mark --mark 0x5',
    '-m mark ! --mark 0x1/0x1',
    '-m length --length 60:100',
    '-m length --length 1000:1500',
    '-m length ! --length 84',
    '-m ttl --ttl-lt 64',
    '-m ttl --ttl-gt 62',
    '-m addrtype --dst-type LOCAL',
    '-m addrtype ! --src-type LOCAL',
    '-m addrtype --dst-type UNICAST,LOCAL',
    `-m iprange --dst-range ${own}-${own}`,
    `-m iprange ! --src-range ${peer}-${peer}`,
    '-m comment --comment "a word, two"',
    '-m pkttype --pkt-type unicast',
    '-m connmark --mark 0',
    '-m physdev --physdev-is-bridged',
    '-m dscp --dscp 0x00',
    '-m rpfilter --loose --invert',
    '-m limit --limit 1000/sec --limit-burst 1000',
    '-m policy --dir in --pol none',
  ]
}

/** Tables with the hooks they have, and which links a packet has there. */
const PLACES = [
  ['filter', 'FORWARD'],
  ['filter', 'FORWARD'],
  ['filter', 'FORWARD'],
  ['filter', 'INPUT'],
  ['filter', 'OUTPUT'],
  ['raw', 'PREROUTING'],
  ['raw', 'OUTPUT'],
  ['mangle', 'PREROUTING'],
  ['mangle', 'POSTROUTING'],
  ['mangle', 'FORWARD'],
  ['mangle', 'OUTPUT'],
] as const

function linkMatches(draw: Draw, chain: string): readonly string[] {
  const not = draw() < 0.2 ? '! ' : ''
  const link = pick(draw, LINKS)
  if (chain === 'PREROUTING' || chain === 'INPUT') return [`${not}-i ${link}`]
  if (chain === 'OUTPUT' || chain === 'POSTROUTING') return [`${not}-o ${link}`]
  return [pick(draw, [`${not}-i ${link}`, `${not}-o ${link}`, `-i ${link} ! -o ${pick(draw, LINKS)}`])]
}

/** Matches that name a protocol stand once; pkttype, rpfilter and policy only where they may. */
function usable(matches: readonly string[], chain: string): readonly string[] {
  const isIn = chain === 'PREROUTING' || chain === 'INPUT' || chain === 'FORWARD'
  const seen = new Set<string>()
  return matches.filter((one) => {
    const [key = ''] = /^(! )?-[psd] |-m \w+/.exec(one) ?? []
    const kind = key.replace('! ', '')
    const isNew = !seen.has(kind)
    seen.add(kind)
    if (one.includes('rpfilter')) return isNew && chain === 'PREROUTING'
    if (one.includes('pkttype') || one.includes('--dir in')) return isNew && isIn && chain !== 'FORWARD'
    return isNew
  })
}

/** What rules of mangle write into a packet. */
const CHANGES = [
  'MARK --set-xmark 0x5/0xff',
  'MARK --or-mark 0x1',
  'TTL --ttl-set 1',
  'TTL --ttl-set 2',
  'TTL --ttl-dec 62',
  'TTL --ttl-inc 3',
]

/** One rule of any table. */
export function iptablesRule(draw: Draw, scene: Scene): Change {
  const [table, chain] = pick(draw, PLACES)
  const links = draw() < 0.5 ? linkMatches(draw, chain) : []
  const matches = usable(some(draw, iptablesMatches(scene), 3), chain)
  const words = [...links, ...matches].join(' ')
  const canReject = table === 'filter'
  const verdicts = VERDICTS.filter((one) => canReject || one !== 'REJECT')
  const changes = table === 'mangle' ? CHANGES : []
  const target = pick(draw, [...verdicts, ...changes])
  const rule = `-t ${table} -I ${chain} ${words} -j ${target}`
  return { make: `iptables -w ${rule}`, undo: `iptables -w ${rule.replace(' -I ', ' -D ')}` }
}

/** A chain of its own that FORWARD jumps or goes to. */
export function iptablesChain(draw: Draw, scene: Scene): Change {
  const inside = Array.from({ length: 3 }, () => {
    const matches = usable(some(draw, iptablesMatches(scene), 2), 'FORWARD')
    return `iptables -w -A FDWALK ${matches.join(' ')} -j ${pick(draw, VERDICTS)}`
  })
  const jump = `FORWARD ${pick(draw, ['', `-s ${scene.network}`, '-i flannel.1'])} -${pick(draw, ['j', 'g'])} FDWALK`
  return {
    make: ['iptables -w -N FDWALK', ...inside, `iptables -w -I ${jump}`].join('\n'),
    undo: `iptables -w -D ${jump}\niptables -w -F FDWALK\niptables -w -X FDWALK`,
  }
}

/**
 * Address translation of the containers' own packets. What carries them is left out: its connections outlive a state, and
 * the kernel asks these rules for new ones only.
 */
export function natRule(draw: Draw, { own, peer, network, ownSubnet, ownPublic, gateway }: Scene): Change {
  const chain = pick(draw, ['POSTROUTING', 'POSTROUTING', 'POSTROUTING', 'PREROUTING', 'OUTPUT'])
  const match = pick(draw, [
    `-s ${own}`,
    `-d ${own}`,
    `-s ${peer}`,
    `-d ${peer}`,
    `-s ${network} -d ${network}`,
    `-s ${ownSubnet}`,
  ])
  const link = chain === 'POSTROUTING' ? pick(draw, ['', '-o docker0', '! -o docker0', '-o flannel.1']) : ''
  const protocol = pick(draw, ['', '', '-p icmp', '-p tcp'])
  const target =
    chain === 'POSTROUTING'
      ? pick(draw, [
          'MASQUERADE',
          'MASQUERADE',
          'ACCEPT',
          `SNAT --to-source ${ownPublic}`,
          `SNAT --to-source ${gateway}`,
        ])
      : pick(draw, [`DNAT --to-destination ${own}`, 'DNAT --to-destination 10.97.0.9', 'ACCEPT', 'RETURN'])
  const rule = `-t nat -I ${chain} ${[match, link, protocol].join(' ')} -j ${target}`
  return { make: `iptables -w ${rule}`, undo: `iptables -w ${rule.replace(' -I ', ' -D ')}` }
}
