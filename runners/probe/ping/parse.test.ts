/** What iputils 20221126 and its relatives print, from real runs. */
import test from 'ava'
import type { PingError, PingReading } from '../../../checks/model/observation.ts'
import { parsePing } from './parse.ts'

const TARGET = '10.5.67.2'
const HEAD = `PING ${TARGET} (${TARGET}) 56(84) bytes of data.`

function statistics(sent: number, received: number, more = ''): string {
  return `\n--- ${TARGET} ping statistics ---\n${sent} packets transmitted, ${received} received${more}, ${100 - (100 * received) / sent}% packet loss, time 202ms\n`
}

type Problem = NonNullable<PingReading['problem']>

function unsent(why: Problem['why'], detail: string): PingReading {
  return { sent: 0, received: 0, problem: { why, detail } }
}

/** Output, exit status, reading. */
const TABLE: Readonly<
  Record<string, readonly [text: string, status: number | undefined, reading: PingReading]>
> = {
  'every request answered': [
    `PATTERN: 0xdeadbeef\n${HEAD}\n64 bytes from ${TARGET}: icmp_seq=1 ttl=62 time=0.396 ms\n64 bytes from ${TARGET}: icmp_seq=2 ttl=62 time=0.147 ms\n${statistics(2, 2)}rtt min/avg/max/mdev = 0.147/0.271/0.396/0.124 ms`,
    0,
    { sent: 2, received: 2, rttMs: { min: 0.147, avg: 0.271, max: 0.396 }, ttl: 62 },
  ],
  'no answer': [`${HEAD}\n${statistics(2, 0)}`, 1, { sent: 2, received: 0 }],
  'one of two, answered twice': [
    `${HEAD}\n64 bytes from ${TARGET}: icmp_seq=1 ttl=62 time=0.1 ms\n64 bytes from ${TARGET}: icmp_seq=1 ttl=62 time=0.2 ms (DUP!)\n${statistics(2, 1, ', +1 duplicates')}rtt min/avg/max/mdev = 0.100/0.150/0.200/0.050 ms`,
    0,
    { sent: 2, received: 1, duplicates: 1, rttMs: { min: 0.1, avg: 0.15, max: 0.2 }, ttl: 62 },
  ],
  'an answer from another address has no believable time to live': [
    `${HEAD}\n64 bytes from 10.5.67.9: icmp_seq=1 ttl=64 time=0.1 ms (DIFFERENT ADDRESS!)\n${statistics(1, 1)}`,
    0,
    { sent: 1, received: 1 },
  ],
  'a host says unreachable': [
    `${HEAD}\nFrom 10.5.30.1 icmp_seq=1 Destination Host Unreachable\n${statistics(2, 0, ', +2 errors')}pipe 2`,
    1,
    {
      sent: 2,
      received: 0,
      error: { kind: 'unreachable', text: 'Destination Host Unreachable', by: '10.5.30.1' },
    },
  ],
  'a router says the network is unreachable': [
    `${HEAD}\nFrom 192.0.2.1 icmp_seq=1 Destination Net Unreachable\n${statistics(2, 0, ', +2 errors')}`,
    1,
    {
      sent: 2,
      received: 0,
      error: { kind: 'unreachable', text: 'Destination Net Unreachable', by: '192.0.2.1' },
    },
  ],
  'a REJECT rule': [
    `${HEAD}\nFrom 10.5.67.0 icmp_seq=1 Destination Port Unreachable\n${statistics(2, 0, ', +2 errors')}`,
    1,
    {
      sent: 2,
      received: 0,
      error: { kind: 'unreachable', text: 'Destination Port Unreachable', by: '10.5.67.0' },
    },
  ],
  'administratively prohibited': [
    `${HEAD}\nFrom 10.5.67.0 icmp_seq=1 Packet filtered\n${statistics(2, 0, ', +2 errors')}`,
    1,
    { sent: 2, received: 0, error: { kind: 'filtered', text: 'Packet filtered', by: '10.5.67.0' } },
  ],
  'a loop or a time to live of 1': [
    `${HEAD}\nFrom 10.5.30.1 icmp_seq=1 Time to live exceeded\n${statistics(2, 0, ', +2 errors')}`,
    1,
    { sent: 2, received: 0, error: { kind: 'ttl-exceeded', text: 'Time to live exceeded', by: '10.5.30.1' } },
  ],
  'a router needs to fragment': [
    `${HEAD}\nFrom 10.5.67.0 icmp_seq=1 Frag needed and DF set (mtu = 1300)\nping: local error: message too long, mtu=1300\n${statistics(2, 0, ', +2 errors')}`,
    1,
    {
      sent: 2,
      received: 0,
      error: { kind: 'too-long', text: 'Frag needed and DF set (mtu = 1300)', by: '10.5.67.0', mtu: 1300 },
    },
  ],
  'a router that names no MTU': [
    `${HEAD}\nFrom 10.5.67.0 icmp_seq=1 Frag needed and DF set (mtu = 0)\n${statistics(2, 0, ', +2 errors')}`,
    1,
    {
      sent: 2,
      received: 0,
      error: { kind: 'too-long', text: 'Frag needed and DF set (mtu = 0)', by: '10.5.67.0' },
    },
  ],
  'the own link is too small': [
    `${HEAD}\nping: local error: message too long, mtu=1450\n${statistics(2, 0, ', +2 errors')}`,
    1,
    { sent: 2, received: 0, error: { kind: 'too-long', text: 'message too long, mtu=1450', mtu: 1450 } },
  ],
  'no route at all': [
    'ping: connect: Network is unreachable\n',
    2,
    { sent: 1, received: 0, error: { kind: 'unreachable', text: 'Network is unreachable' } },
  ],
  'a blackhole route': [
    'ping: connect: Invalid argument\n',
    2,
    { sent: 1, received: 0, error: { kind: 'other', text: 'Invalid argument' } },
  ],
  'a prohibit route': [
    'ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules\n',
    2,
    {
      sent: 1,
      received: 0,
      error: {
        kind: 'not-permitted',
        text: 'Do you want to ping broadcast? Then -b. If not, check your local firewall rules',
      },
    },
  ],
  'an OUTPUT rule that rejects': [
    `${HEAD}\nping: sendmsg: Operation not permitted\n${statistics(2, 0)}`,
    1,
    { sent: 2, received: 0, error: { kind: 'not-permitted', text: 'Operation not permitted' } },
  ],
  'no ping there': [
    'sh: 1: exec: ping: not found',
    127,
    unsent('not-installed', 'sh: 1: exec: ping: not found'),
  ],
  'no ping for nsenter': [
    'nsenter: failed to execute ping: No such file or directory',
    127,
    unsent('not-installed', 'nsenter: failed to execute ping: No such file or directory'),
  ],
  'a container that is gone': [
    'nsenter: cannot open /proc/99999999/ns/net: No such file or directory',
    1,
    unsent('missing', 'nsenter: cannot open /proc/99999999/ns/net: No such file or directory'),
  ],
  'a namespace that may not be entered': [
    "nsenter: reassociate to namespace 'ns/net' failed: Operation not permitted",
    1,
    unsent('not-permitted', "nsenter: reassociate to namespace 'ns/net' failed: Operation not permitted"),
  ],
  'no right to send': [
    'ping: socket: Operation not permitted',
    2,
    unsent('not-permitted', 'ping: socket: Operation not permitted'),
  ],
  'too fast for this user': [
    `${HEAD}\nping: cannot flood; minimal interval allowed for user is 200ms`,
    2,
    unsent('not-permitted', `${HEAD} ping: cannot flood; minimal interval allowed for user is 200ms`),
  ],
  'the ping of busybox': [
    "ping: invalid option -- 'M'",
    1,
    unsent('not-installed', 'its ping cannot forbid fragmenting (-M): that of iputils is needed'),
  ],
  'cut off': [`${HEAD}\n`, undefined, unsent('timed-out', 'ping was cut off before it ended')],
  nothing: ['', 1, unsent('unparsable', 'ping ended with exit 1')],
}

for (const [name, [text, status, reading]] of Object.entries(TABLE)) {
  test(name, (t) => {
    t.deepEqual(parsePing(text, TARGET, status), reading)
  })
}

const SIX = 'fd00:5:0:2::'
const HEAD_6 = `PING ${SIX}(${SIX}) 56 data bytes`
const FROM_6: Readonly<Record<string, PingError>> = {
  'Destination unreachable: Address unreachable': { kind: 'unreachable', text: '' },
  'Destination unreachable: Administratively prohibited': { kind: 'filtered', text: '' },
  'Packet too big: mtu=1430': { kind: 'too-long', text: '', mtu: 1430 },
  'Time exceeded: Hop limit': { kind: 'ttl-exceeded', text: '' },
}

test('IPv6 has other words for the same', (t) => {
  for (const [text, error] of Object.entries(FROM_6)) {
    const said = `${HEAD_6}\nFrom fd00::1 icmp_seq=1 ${text}\n${statistics(2, 0, ', +2 errors')}`
    t.deepEqual(parsePing(said, SIX, 1), { sent: 2, received: 0, error: { ...error, text, by: 'fd00::1' } })
  }
})

test('an answer by IPv6', (t) => {
  const text = `${HEAD_6}\n64 bytes from ${SIX}: icmp_seq=1 ttl=64 time=0.05 ms\n${statistics(2, 2)}`
  t.like(parsePing(text, SIX, 0), { sent: 2, received: 2, ttl: 64 })
})

test('no terminal control survives in what is kept', (t) => {
  const { problem } = parsePing('ping: \u001b[2J\u0007gone', TARGET, 2)
  t.false(
    Array.from(problem?.detail ?? '').some((character) => character < ' '),
    problem?.detail,
  )
})
