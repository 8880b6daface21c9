/** What a lab leaves on disk, root believes later: which hosts it has, what to run to heal them. */
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { run } from '../../hosts/command/spawn.ts'
import { needs } from '../../test-needs.ts'
import { doctor } from '../doctor-for-tests.ts'

const BIN = fileURLToPath(new URL('../../bin.js', import.meta.url))

const live = needs(test, 'root', 'netns', 'etcd', 'flanneld')

live('no file of a lab may be written by others, whatever the umask', async (t) => {
  const name = `umask-${process.pid}`
  t.teardown(() => doctor('lab', 'down', '--name', name))
  const careless = (...argv: readonly string[]) =>
    run(['sh', '-c', 'umask 000; exec "$@"', 'sh', process.execPath, BIN, ...argv], { timeoutMs: 60_000 })
  const up = await careless('lab', 'up', '--hosts', '2', '--name', name)
  t.deepEqual(up.end, { exit: 0 }, up.stderr)
  const inject = await careless('lab', 'inject', 'fdb-entry-deleted', '--name', name)
  t.deepEqual(inject.end, { exit: 0 }, inject.stderr)
  const directory = `/run/flannel-doctor/labs/${name}`
  const { stdout } = await run(['find', directory, '-perm', '/022', '!', '-type', 'l'], { timeoutMs: 10_000 })
  t.is(stdout.toString(), '')
  const { stdout: all } = await run(['find', directory, '-name', 'injected.json'], { timeoutMs: 10_000 })
  t.not(all.toString(), '')
})
