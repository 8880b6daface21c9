import test from 'ava'
import { parsedValue, recordedText, sectionOf } from '../saved/recorded-section.ts'
import { kernel } from './kernel.ts'

test('release and clock of a recording', (t) => {
  const found = parsedValue(kernel, recordedText('v0.10.0-vxlan-docker', 'h1', 'kernel'))
  t.regex(found.release, /^6\.18\./)
  t.is(found.clockSeconds, 1795220340)
  t.is(found.uptimeSeconds, undefined)
})

test('without a release nothing is known', (t) => {
  t.true('problem' in kernel.parse(sectionOf('kernel', 'uptime=3.1\n')))
})
