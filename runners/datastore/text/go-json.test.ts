import test from 'ava'
import fc from 'fast-check'
import { parseJson } from './go-json.ts'

test('the place of an error is where the text could no longer become JSON', (t) => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 3 }), fc.nat(), (json, place) => {
      const at = place % (json.length + 1)
      const { message } = t.throws(() => parseJson(`${json.slice(0, at)}\u0001${json.slice(at)}`))
      // A control character is allowed nowhere, so the text is sound exactly up to it.
      t.regex(message, new RegExp(`^not JSON at line 1, column ${at + 1}: `))
    }),
  )
})
