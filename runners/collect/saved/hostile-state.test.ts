/** Saved states from strangers: each trap is refused, none is waited for. */
import { cpSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { run } from '../../hosts/command/spawn.ts'
import { InputError } from '../../input-error.ts'
import { loadCluster } from '../../run/saved/saved-cluster.ts'
import { folder, META } from './saved-for-tests.ts'
import { loadState } from './saved-state.ts'

const REAL = fileURLToPath(new URL('../../../fixtures/states/v0.28.9-vxlan', import.meta.url))

/** Removes what stands at a place of a state, for something else. */
function free(dir: string, ...names: readonly string[]): string {
  const place = join(dir, ...names)
  rmSync(place, { recursive: true, force: true })
  return place
}

type Trap = (dir: string) => unknown

/** What a stranger may put into a state, and what is said about it. */
const TRAPS: Readonly<Record<string, readonly [Trap, RegExp]>> = {
  'a FIFO': [(dir) => run(['mkfifo', free(dir, 'h1', 'nftables.txt')]), /is a FIFO/],
  'a FIFO as meta.json': [(dir) => run(['mkfifo', free(dir, 'meta.json')]), /is a FIFO/],
  'a link to a device': [
    (dir) => symlinkSync('/dev/zero', free(dir, 'h1', 'nftables.txt')),
    /is a symbolic link/,
  ],
  'a link to a file of root': [
    (dir) => symlinkSync('/etc/shadow', free(dir, 'h1', 'iptables.txt')),
    /is a symbolic link/,
  ],
  'a link as a host': [
    (dir) => symlinkSync('/etc', free(dir, 'h1')),
    /expected a folder, found a symbolic link/,
  ],
  'a link as the datastore': [
    (dir) => symlinkSync('/etc/shadow', free(dir, 'datastore.json')),
    /is a symbolic link/,
  ],
  'a sparse file': [
    (dir) => {
      writeFileSync(join(dir, 'h1', 'routes.txt'), '')
      truncateSync(join(dir, 'h1', 'routes.txt'), 2 ** 40)
    },
    /larger than/,
  ],
  'a base elsewhere': [
    (dir) => writeFileSync(join(dir, 'meta.json'), JSON.stringify({ ...META, base: '../../../etc' })),
    /a relative path to a state beside it/,
  ],
  'hosts that share a name': [
    (dir) =>
      writeFileSync(
        join(dir, 'meta.json'),
        JSON.stringify({
          ...META,
          hosts: [
            { name: 'h1', via: 'local:' },
            { name: 'h1', via: 'netns://x' },
          ],
        }),
      ),
    /a name of its own/,
  ],
  'more hosts than there are': [
    (dir) =>
      writeFileSync(
        join(dir, 'meta.json'),
        JSON.stringify({
          ...META,
          hosts: Array.from({ length: 100_000 }, (_, n) => ({ name: `h${n}`, via: 'local:' })),
        }),
      ),
    /at most 10000/,
  ],
  'nested JSON': [
    (dir) =>
      writeFileSync(
        join(dir, 'meta.json'),
        `{"schemaVersion":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`,
      ),
    /schemaVersion: expected 1, found a list/,
  ],
  'sections that are a text': [
    (dir) => writeFileSync(join(dir, 'h1', 'sections.json'), '"x"'),
    /sections\.json: expected an object, found "x"/,
  ],
  'sections that are a number': [
    (dir) => writeFileSync(join(dir, 'h1', 'sections.json'), '7'),
    /expected an object, found 7/,
  ],
  'sections that are nothing': [
    (dir) => writeFileSync(join(dir, 'h1', 'sections.json'), 'null'),
    /expected an object, found null/,
  ],
  'a section that is a number': [
    (dir) => writeFileSync(join(dir, 'h1', 'sections.json'), '{"links":7}'),
    /links: expected an object, found 7/,
  ],
  'an endpoint that is nothing': [
    (dir) =>
      writeFileSync(
        join(dir, 'datastore.json'),
        '{"prefix":"/","askedApi":"v3","at":0,"v2":null,"v3":null,"endpoints":[null]}',
      ),
    /datastore\.json: endpoints\.0/,
  ],
  'a store that is a text': [
    (dir) =>
      writeFileSync(
        join(dir, 'datastore.json'),
        '{"prefix":"/","askedApi":"v3","at":0,"v2":null,"v3":"x","endpoints":[]}',
      ),
    /datastore\.json: v3/,
  ],
  'entries that are numbers': [
    (dir) =>
      writeFileSync(
        join(dir, 'datastore.json'),
        '{"prefix":"/","askedApi":"v3","at":0,"v2":null,"v3":{"present":true,"revision":1,"entries":[1]},"endpoints":[]}',
      ),
    /v3\.entries\.0/,
  ],
}

for (const [name, [lay, message]] of Object.entries(TRAPS)) {
  test(`a state with ${name} is refused in one line`, async (t) => {
    const dir = folder()
    cpSync(REAL, dir, { recursive: true })
    await lay(dir)
    const error = await t.throwsAsync(loadCluster(dir), { instanceOf: InputError, message })
    t.false(error?.message.includes('\n'))
  })
}

test('a section whose end is recorded nowhere is not taken for an answer', (t) => {
  const dir = folder()
  cpSync(REAL, dir, { recursive: true })
  rmSync(join(dir, 'h1', 'sections.json'))
  const [h1] = loadState(dir).hosts
  t.true(h1 !== undefined && h1.sections.length > 0)
  for (const { end } of h1?.sections ?? []) t.deepEqual(end, { truncated: true })
  t.regex(readFileSync(join(REAL, 'h1', 'sections.json'), 'utf8'), /exit/)
})
