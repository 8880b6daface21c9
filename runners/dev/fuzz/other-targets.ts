/** Readers of what etcd, kernels, programs and saved states say. */
import { printable } from '../../../reports/layout/printable.ts'
import { savedObservations } from '../../collect/saved/saved-observations.ts'
import { sectionRecords } from '../../collect/saved/section-records.ts'
import { readMeta } from '../../collect/saved/state-meta.ts'
import { parseFrames, watchMarks } from '../../collect/section/frames.ts'
import { datastoreFacts } from '../../datastore/datastore-facts.ts'
import { parseEndpoint } from '../../datastore/http/endpoint-url.ts'
import { parseLeases } from '../../datastore/parse-leases.ts'
import { savedReading } from '../../datastore/saved-reading.ts'
import { parseConfig } from '../../datastore/text/parse-config.ts'
import { parseHostUrl } from '../../hosts/host-url.ts'
import { vagrantHostBlock } from '../../hosts/ssh/config-file.ts'
import { maskAccounts } from '../../mask-accounts.ts'
import { decode } from '../../probe/capture/decode.ts'
import { echo, tunnelledPing } from '../../probe/capture/packets-for-tests.ts'
import { pcapReader } from '../../probe/capture/pcap-reader.ts'
import { pcapFile } from '../../probe/capture/pcap-writer.ts'
import { parseCounters } from '../../probe/kernel/counters.ts'
import { parseTrace, reasonNames } from '../../probe/kernel/ftrace-text.ts'
import { parseRuleCounters } from '../../probe/kernel/rule-counters.ts'
import { parseRuleStep } from '../../probe/kernel/rule-trace-text.ts'
import { parsePing } from '../../probe/ping/parse.ts'
import { parseIperf } from '../../throughput/iperf-result.ts'
import { replyTimes } from '../../throughput/round-trips.ts'
import { CONFIG, LEASE, PING } from './samples.ts'
import { type FuzzTarget, recorded, texts } from './seeds.ts'

const TOKEN = 'a'.repeat(32)

/** What JSON.parse refuses is refused by whoever reads the file: here only what it accepts counts. */
function jsonOf(input: Buffer): unknown {
  try {
    return JSON.parse(input.toString('utf8'))
  } catch {
    return undefined
  }
}

/** Whatever is neither a section of a host nor a file of the user's. */
export const OTHER_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'frames',
    seeds: texts(`\n${TOKEN} begin links\n[]\n${TOKEN} end links 0\n\n${TOKEN} begin rules\nx`),
    read: (input) => {
      const watch = watchMarks(TOKEN, () => {})
      for (let at = 0; at < input.length; at += 97) watch(input.subarray(at, at + 97))
      return parseFrames(input, TOKEN)
    },
  },
  {
    name: 'etcd config',
    seeds: texts(
      CONFIG,
      '{"EnableIPv4":false,"EnableIPv6":true,"IPv6Network":"fd00:7::/48","Backend":{"Type":"host-gw"}}',
    ),
    read: (input) => parseConfig(input.toString('utf8')),
  },
  {
    name: 'etcd lease',
    seeds: texts(LEASE, '{"PublicIP":"192.0.2.12"}'),
    read: (input) => {
      const text = input.toString('utf8')
      const key = `/coreos.com/network/subnets/${text.slice(0, 20)}`
      return parseLeases([
        { key, value: text, revision: 1 },
        { key: '/x/subnets/10.5.1.0-24', value: text, revision: 1 },
      ])
    },
  },
  {
    name: 'saved reading',
    seeds: () => recorded('datastore.json'),
    read: (input) => {
      const json = jsonOf(input)
      return json === undefined ? undefined : datastoreFacts(savedReading(json, 'datastore.json'))
    },
  },
  {
    name: 'saved meta',
    seeds: () => recorded('meta.json'),
    read: (input) => readMeta(jsonOf(input), 'meta.json'),
  },
  {
    name: 'saved sections',
    seeds: () => recorded('sections.json'),
    read: (input) => sectionRecords(jsonOf(input), 'sections.json'),
  },
  {
    name: 'saved observations',
    seeds: texts(
      '[{"kind":"path-mtu","from":{"host":"a"},"to":{"host":"b"},"address":"10.0.0.1","passes":1400,"fails":1401}]',
    ),
    read: (input) => savedObservations(jsonOf(input), 'observations.json'),
  },
  {
    name: 'pcap',
    seeds: () => {
      const bytes = Uint8Array.from(tunnelledPing(echo(8, [0, 0])))
      const frame = {
        bytes,
        start: 0,
        end: bytes.length,
        at: 1_700_000_000_000,
        wireLength: bytes.length,
        linkType: 1,
      }
      return [pcapFile(1, [frame, frame])]
    },
    read: (input) => {
      const reader = pcapReader((frame) => decode(frame))
      for (let at = 0; at < input.length; at += 33) reader.push(input.subarray(at, at + 33))
      return reader.end()
    },
  },
  {
    name: 'ping',
    seeds: texts(PING),
    read: (input) => [
      parsePing(input.toString('utf8'), '10.5.1.2', 1),
      replyTimes(input.toString('utf8'), '10.5.1.2'),
    ],
  },
  {
    name: 'kernel trace',
    seeds: texts(
      '   <idle>-0 [001] ..s. 12.3: kfree_skb: skbaddr=00000000 rx_sk=0 protocol=2048 location=nft_do_chain+0x1/0x2 reason: NETFILTER_DROP\n',
    ),
    read: (input) => parseTrace(input.toString('utf8'), reasonNames(input.toString('utf8'))),
  },
  {
    name: 'rule trace',
    seeds: texts(
      'trace id 1 ip filter FORWARD rule ip saddr 1.2.3.4 counter drop (verdict drop)\n',
      'trace id 1 ip filter FORWARD policy drop\n',
    ),
    read: (input) => input.toString('utf8').split('\n').map(parseRuleStep),
  },
  {
    name: 'counters',
    seeds: texts('=snmp\nIp: Forwarding InDiscards\nIp: 1 2\nUdp: NoPorts\nUdp: 3\n'),
    read: (input) => parseCounters(input.toString('utf8')),
  },
  {
    name: 'rule counters',
    seeds: texts(
      '*filter\n:FORWARD DROP [1:2]\n[3:4] -A FORWARD -j DROP\nCOMMIT\n',
      '{"nftables":[{"rule":{"family":"ip","table":"f","chain":"c","expr":[{"counter":{"packets":1}}]}}]}',
    ),
    read: (input) => [
      parseRuleCounters('nft', input.toString('utf8')),
      parseRuleCounters('legacy', input.toString('utf8')),
    ],
  },
  {
    name: 'iperf',
    seeds: texts('{"end":{"sum_received":{"bits_per_second":1e9},"sum_sent":{"retransmits":1}}}'),
    read: (input) => parseIperf(input.toString('utf8')),
  },
  {
    name: 'host url',
    seeds: texts('ssh://root@h:22', 'docker://a@/run/x.sock', 'netns://a', 'vagrant://m', 'local:'),
    read: (input) => parseHostUrl(input.toString('utf8')),
  },
  {
    name: 'endpoint',
    seeds: texts('http://192.0.2.1:2379', '[::1]:2379'),
    read: (input) => parseEndpoint(input.toString('utf8'), false),
  },
  {
    name: 'vagrant',
    seeds: texts('Host h1\n  HostName 127.0.0.1\n  User vagrant\n  Port 2222\n'),
    read: (input) => vagrantHostBlock(input.toString('utf8'), 'h1'),
  },
  {
    name: 'printed text',
    seeds: texts('http://u:p@h,http://a \u001b[0m'),
    read: (input) => printable(maskAccounts(input.toString('utf8'))),
  },
]
