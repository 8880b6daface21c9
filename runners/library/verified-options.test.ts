/** What a program hands over that TypeScript would have refused. */
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { InputError } from '../input-error.ts'
import { checkNetwork, replay, trace } from './network.ts'

const state = fileURLToPath(new URL('../../fixtures/states/v0.28.9-vxlan', import.meta.url))

const WRONG: Readonly<Record<string, readonly [() => Promise<unknown>, RegExp]>> = {
  'a misspelt option': [
    () => checkNetwork(JSON.parse('{"inventori":"hosts.yaml"}')),
    /^inventori: unknown option; did you mean inventory\?$/,
  ],
  'one host as a text': [
    () => checkNetwork(JSON.parse('{"host":"local:"}')),
    /^host: expected a list of texts$/,
  ],
  'a number as a file': [() => checkNetwork(JSON.parse('{"inventory":5}')), /^inventory: expected a text$/],
  'an option of another function': [
    () => checkNetwork(JSON.parse('{"source":"h1"}')),
    /^source: unknown option/,
  ],
  'a list in a list': [() => replay(state, JSON.parse('{"only":[["route"]]}')), /^only\.0: expected a text$/],
  'a size that is none': [
    () => trace(JSON.parse('{"source":"h1","target":"h2","size":-1}')),
    /^size: expected a whole number from 1$/,
  ],
  'no object': [() => checkNetwork(JSON.parse('"hosts.yaml"')), /^options: expected an object$/],
}

for (const [name, [call, message]] of Object.entries(WRONG))
  test(`refused: ${name}`, async (t) => {
    await t.throwsAsync(call, { instanceOf: InputError, message })
  })

test('what is left undefined is as if it were not there', async (t) => {
  const { report } = await replay(state, { only: ['route'], ...JSON.parse('{}'), skip: [] })
  t.is(report.verdict, 'healthy')
})
