import test from 'ava'
import { LabError } from './lab-error.ts'
import { placeNamed } from './place.ts'

const host = (name: string) => ({
  name,
  namespace: `fd-x-${name}`,
  containers: [{ name: `${name}c1`, namespace: `fd-x-${name}c1` }],
})
const LAB = { name: 'x', switchNamespace: 'fd-x-switch', hosts: [host('h1'), host('h2')] }

test('a place of a lab has the name of the host, of its container alone or behind its host, or is the switch', (t) => {
  const PLACES = { h1: 'h1', h2c1: 'h2c1', 'h2/h2c1': 'h2c1', switch: 'switch' }
  for (const [name, place] of Object.entries(PLACES))
    t.is(placeNamed(LAB, name).namespace, `fd-x-${place}`, name)
})

test('a name that the lab does not have is refused with those that it has', (t) => {
  for (const name of ['h3', 'h1/h2c1', 'h1/', '', '__proto__', 'constructor'])
    t.throws(() => placeNamed(LAB, name), {
      instanceOf: LabError,
      message: /it has switch, h1, h1c1, h2, h2c1$/,
    })
})
