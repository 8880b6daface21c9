import test from 'ava'
import fc from 'fast-check'
import { packedSections } from './packed-sections.ts'
import type { Section } from './section.ts'

const section = fc.record({
  name: fc.constantFrom('links', 'routes'),
  command: fc.string(),
  stdout: fc.string({ unit: 'binary' }),
  stderr: fc.string(),
  end: fc.constantFrom({ exit: 0 }, { exit: 1 }, { timedOut: true as const }),
  ms: fc.nat(),
}) as fc.Arbitrary<Section>

test('what was packed is unpacked as it was, whichever host is asked in between', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(section), { maxLength: 4 }), async (hosts) => {
      const packed = await Promise.all(hosts.map(packedSections))
      for (const at of [...hosts.keys(), ...[...hosts.keys()].reverse()])
        t.deepEqual(packed[at]?.sections, hosts[at])
    }),
  )
})
