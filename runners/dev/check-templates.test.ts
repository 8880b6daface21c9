import test from 'ava'
import { checkPage, checkSource, checkTest, registryName, withRegistryLine } from './check-templates.ts'

const EMPTY = `import type { Check } from './check.ts'

export const CHECKS: readonly Check[] = []
`

test('the registry keeps the order of the layers', (t) => {
  const registry = ['route/peer-subnet', 'lease/public-ip', 'route/default'].reduce(withRegistryLine, EMPTY)
  t.true(
    registry.endsWith(`export const CHECKS: readonly Check[] = [
  leasePublicIp,
  routePeerSubnet,
  routeDefault,
]
`),
    registry,
  )
  t.true(registry.includes(`import { check as leasePublicIp } from './lease/public-ip.ts'\n`))
})

test('a registry without the list is refused', (t) => {
  t.throws(() => withRegistryLine('', 'fdb/peer-vtep'), { message: /no list/ })
})

test('the files name the check', (t) => {
  t.is(registryName('fdb/peer-vtep'), 'fdbPeerVtep')
  t.true(checkSource('fdb/peer-vtep').includes(`id: 'fdb/peer-vtep'`))
  t.true(checkPage('fdb/peer-vtep').startsWith('# Fdb peer vtep\n'))
  t.true(checkTest('fdb/peer-vtep').includes(`'./peer-vtep.ts'`))
})
