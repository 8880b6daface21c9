/** What keeps a docker lab from coming up is told in one sentence, and nothing is left running. */
import { chmodSync, existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { run } from '../../hosts/command/spawn.ts'
import { AS_NOBODY, needs } from '../../test-needs.ts'
import { readEngine } from '../daemons/engine-api.ts'
import { labDirectory } from '../ledger/ledger.ts'
import { startTestEngine, stopTestEngine, type TestEngine } from './engine-for-tests.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld', 'docker')
const asNobody = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld', 'docker', 'nobody')
const PROGRAM = fileURLToPath(new URL('../../cli/cli.ts', import.meta.url))
const UP_MS = 240_000
const NAME = `bad-${process.pid}`

interface Attempt {
  /** Words before the program: another user, another view of the file system. */
  readonly as?: readonly string[]
  readonly host?: string
  readonly flags?: readonly string[]
}

/** `lab up --lab docker`; its exit status and its last line. */
async function up({ as = [], host, flags = [] }: Attempt): Promise<{ exit: number; said: string }> {
  const engine = host === undefined ? ['-u', 'DOCKER_HOST'] : [`DOCKER_HOST=${host}`]
  const words = ['lab', 'up', '--lab', 'docker', '--hosts', '2', '--name', NAME, ...flags]
  const { end, stderr } = await run([...as, 'env', ...engine, process.execPath, PROGRAM, ...words], {
    timeoutMs: UP_MS,
  })
  return { exit: 'exit' in end ? end.exit : -1, said: stderr.trim().split('\n').at(-1) ?? '' }
}

/** Everything in an engine that it did not have when it was new. */
async function contentOf(socket: string): Promise<readonly string[]> {
  const containers = await readEngine<{ Id: string }[]>(socket, {
    method: 'GET',
    path: '/containers/json?all=1',
  })
  const networks = await readEngine<{ Name: string }[]>(socket, { method: 'GET', path: '/networks' })
  const own = ['bridge', 'host', 'none']
  return [
    ...containers.map(({ Id }) => Id),
    ...networks.map(({ Name }) => Name).filter((name) => !own.includes(name)),
  ]
}

async function refuses(
  t: ExecutionContext,
  attempt: Attempt,
  expected: { exit: number; said: RegExp },
): Promise<void> {
  const { exit, said } = await up(attempt)
  t.regex(said, expected.said)
  t.is(exit, expected.exit)
  t.false(existsSync(labDirectory(NAME)))
}

/** Runs `work` with an engine of its own. */
async function withEngine(work: (engine: TestEngine) => Promise<void>, diskSize?: string): Promise<void> {
  const engine = await startTestEngine(diskSize)
  try {
    await work(engine)
  } finally {
    await stopTestEngine(engine)
  }
}

const NOBODY = [...AS_NOBODY, 'env', 'HOME=/tmp']
const NO_ENGINE = '[ ! -S /var/run/docker.sock ] || mount --bind /dev/null /var/run/docker.sock'
/** A view of the machine in which no engine runs. */
const WITHOUT_ENGINE = ['unshare', '-m', 'sh', '-c', `${NO_ENGINE}; exec "$@"`, 'sh']
/** The same without dockerd. */
const WITHOUT_DOCKER = [
  'unshare',
  '-m',
  'sh',
  '-c',
  `${NO_ENGINE}; mount --bind /dev/null "$(command -v dockerd)"; exec "$@"`,
  'sh',
]

live('no Docker at all', (t) =>
  refuses(
    t,
    { as: WITHOUT_DOCKER },
    { exit: 3, said: /no Docker engine runs here, and there is no dockerd to start/ },
  ),
)

asNobody('no Docker, and not root', (t) =>
  refuses(
    t,
    { as: [...WITHOUT_ENGINE, ...NOBODY] },
    { exit: 3, said: /no Docker engine runs here, and only root can/ },
  ),
)

live('no engine where DOCKER_HOST says', (t) =>
  refuses(
    t,
    { host: `unix://${import.meta.dirname}/absent/docker.sock` },
    { exit: 3, said: /no Docker engine answers at DOCKER_HOST=unix:\/\/\/.*\/absent\/docker.sock$/ },
  ),
)

live('an engine of another machine', (t) =>
  refuses(
    t,
    { host: 'tcp://192.0.2.1:2375' },
    { exit: 2, said: /needs an engine of this machine: DOCKER_HOST is tcp:/ },
  ),
)

live('what only network namespaces can do', async (t) => {
  await refuses(t, { flags: ['--tls'] }, { exit: 2, said: /a docker lab has no --tls/ })
  await refuses(t, { flags: ['--docker', 'real'] }, { exit: 2, said: /a docker lab has no --docker real/ })
})

asNobody('an engine that refuses, has no image, no registry, no subnet left', (t) =>
  withEngine(async ({ socket }) => {
    const host = `unix://${socket}`
    chmodSync(socket, 0o000)
    await refuses(
      t,
      { as: NOBODY, host },
      { exit: 3, said: /Docker refuses this user: permission denied on / },
    )
    chmodSync(socket, 0o660)
    const flags = ['--image', 'registry.invalid/none:1']
    await refuses(
      t,
      { host, flags },
      { exit: 3, said: /image registry.invalid\/none:1 is not on this machine and cannot be pulled: / },
    )
    t.deepEqual(await contentOf(socket), [])
    const subnets = ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24']
    for (const [i, subnet] of subnets.entries())
      await run(['docker', '-H', host, 'network', 'create', '--subnet', subnet, `net${i}`])
    await refuses(
      t,
      { host },
      { exit: 3, said: /has no free subnet for a lab: 192.0.2.0\/24, .* are in use$/ },
    )
    t.deepEqual((await contentOf(socket)).toSorted(), ['net0', 'net1', 'net2'])
  }),
)

live('a disk without room for the image', (t) =>
  withEngine(async ({ socket }) => {
    await refuses(t, { host: `unix://${socket}` }, { exit: 3, said: /no space left on device/ })
    t.deepEqual(await contentOf(socket), [])
  }, '24m'),
)
