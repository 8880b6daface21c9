/** Rounds to figures, and backends to an order. */
import test from 'ava'
import type { NetworkFigures, WayFigures } from '../../reports/throughput/throughput.ts'
import { backendOrder } from './bench-labs.ts'
import { namedPairs } from './bench-pairs.ts'
import { ratioOf, tcpFigures } from './tcp-figures.ts'

const LOADED = { sent: 2, times: [0.1, 0.2] }
const NONE = { problem: 'it was not begun' }

test('throughput and CPU are means, retransmits a sum', (t) => {
  const figures = tcpFigures(
    [
      { mbits: 100, retransmits: 3, senderCpu: 10, loaded: LOADED },
      { mbits: 300, retransmits: 4, senderCpu: 30, loaded: { problem: 'no ping' } },
    ],
    '10.5.63.2',
  )
  t.like(figures, {
    mbits: 200,
    rounds: [100, 300],
    retransmits: 7,
    senderCpu: 20,
    loaded: { sent: 2, p50: 0.1 },
  })
  t.false('receiverCpu' in figures)
  t.false('missing' in figures)
})

test('a round that failed is named and not averaged in; without any the reason stands alone', (t) => {
  const failed = { problem: 'iperf3: the server has terminated' }
  const figures = tcpFigures([failed, { mbits: 80, loaded: LOADED }], '10.5.63.2')
  t.like(figures, { mbits: 80, rounds: [80], missing: '1 of 2 rounds: iperf3: the server has terminated' })
  t.false('retransmits' in figures)
  t.deepEqual(tcpFigures([failed, failed], '10.5.63.2'), failed)
  t.deepEqual(tcpFigures([], '10.5.63.2'), NONE)
})

function way(kind: WayFigures['way'], ...rounds: readonly number[]): WayFigures {
  const mbits = rounds.reduce((sum, each) => sum + each, 0) / rounds.length
  return { way: kind, forward: { mbits, rounds, loaded: NONE }, reverse: NONE, idle: NONE }
}

test('the ratio needs both ways, and something to divide by', (t) => {
  t.is(ratioOf([way('overlay', 50), way('underlay', 200)], 'forward'), 0.25)
  t.is(ratioOf([way('overlay', 50), way('underlay', 200)], 'reverse'), undefined)
  t.is(ratioOf([way('overlay', 50), way('underlay', 0)], 'forward'), undefined)
  t.is(ratioOf([way('overlay', 0), way('underlay', 200)], 'forward'), 0)
  t.is(ratioOf([way('overlay', 50)], 'forward'), undefined)
})

function network(backend: string, ...rounds: readonly number[]): NetworkFigures {
  const ways = [way('overlay', ...rounds), way('underlay', 9999)]
  return {
    backend,
    pairs: [{ from: { host: 'h1' }, to: { host: 'h2' }, ways, ratio: { forward: 0.5, reverse: 0.7 } }],
  }
}

const ALL = ['vxlan', 'udp', 'host-gw'] as const

test('the order of the backends holds, does not hold, or is not known', (t) => {
  const [fast, middle, slow] = [network('host-gw', 900, 1000), network('vxlan', 500, 700), network('udp', 90)]
  t.deepEqual(backendOrder(ALL, [fast, middle, slow]), {
    expected: ['host-gw', 'vxlan', 'udp'],
    mbits: [950, 600, 90],
    ratios: [0.6, 0.6, 0.6],
    overlaps: [],
    holds: true,
  })
  const reversed = backendOrder(ALL, [network('host-gw', 400, 600), middle, slow])
  t.false(reversed.holds)
  t.deepEqual(reversed.overlaps, ['host-gw and vxlan'])
  t.deepEqual(backendOrder(ALL, [network('host-gw', 500, 2000), middle, slow]).overlaps, [
    'host-gw and vxlan',
  ])
  const untold = backendOrder(ALL, [fast, { backend: 'vxlan', pairs: [], problem: 'no lab' }, slow])
  t.false('holds' in untold)
  t.deepEqual(untold.mbits, [950, { problem: 'no lab' }, 90])
  t.deepEqual(untold.ratios, [0.6, { problem: 'no lab' }, 0.6])
})

test('ends come in twos', (t) => {
  t.deepEqual(namedPairs(['a', 'b', 'c/d', 'e']), [
    ['a', 'b'],
    ['c/d', 'e'],
  ])
  t.deepEqual(namedPairs([]), [])
  t.throws(() => namedPairs(['a', 'b', 'c']), { message: /--pair: expected two ends/ })
})
