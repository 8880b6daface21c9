/** Figures that are chance, and figures that lie far out. */
import test from 'ava'
import type { WayFigures } from './throughput.ts'
import { rendered, TRIPS, WHOLE, way } from './throughput-for-tests.ts'

test('an overlay that seems faster than its underlay is called noise, and so is a single round', (t) => {
  const faster = {
    ...WHOLE,
    settings: { ...WHOLE.settings, rounds: 1 },
    networks: WHOLE.networks.map((network) => ({
      ...network,
      pairs: network.pairs.map((pair) => ({ ...pair, ratio: { forward: 1.04, reverse: 0.9 } })),
    })),
  }
  for (const format of ['text', 'markdown', 'html']) {
    const words = rendered(format, faster).replaceAll(/\s+/g, ' ')
    t.regex(words, /the overlay seems faster than its underlay \(1\.04\), which it cannot be/)
    t.regex(words, /one round tells little about noise/)
  }
  const many = { ...WHOLE, settings: { ...WHOLE.settings, rounds: 5 } }
  t.notRegex(rendered('text', many), /noise/)
})

test('medians stay apart beside one outlier', (t) => {
  const outlier = { ...TRIPS, p50: 400, p99: 900 }
  const page = rendered('html', {
    ...WHOLE,
    networks: WHOLE.networks.map((network) => ({
      ...network,
      pairs: network.pairs.map((pair) => ({
        ...pair,
        ways: [
          { ...way('overlay', 1), idle: { ...TRIPS, p50: 0.4 } },
          { ...way('underlay', 1), idle: { ...TRIPS, p50: 0.1 } },
        ].map((each) => ({
          ...each,
          forward: { ...way('overlay', 1).forward, loaded: outlier },
        })) as WayFigures[],
      })),
    })),
  })
  const dots = [...page.matchAll(/<circle class="\w+" cx="([\d.]+)"/g)].map(([, x]) => Number(x))
  t.true(Math.max(...dots) - Math.min(...dots) > 300)
  t.true(Math.abs((dots[0] ?? 0) - (dots[3] ?? 0)) > 40, `0.4 ms and 0.1 ms: ${dots.join()}`)
})
