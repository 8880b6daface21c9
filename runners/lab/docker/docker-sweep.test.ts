/** Docker labs end with nothing left, however their maker ended: in their own engine and in one of somebody else's. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { killGroup, open } from '../../hosts/command/spawn.ts'
import { NETNS_DIR } from '../../hosts/netns.ts'
import { processesOfLab } from '../../hosts/process-identity.ts'
import { needs } from '../../test-needs.ts'
import { labDown, sweep } from '../build/down.ts'
import { labDirectory, readLedger } from '../ledger/ledger.ts'
import { findLab } from '../running/state.ts'
import { startTestEngine, stopTestEngine } from './engine-for-tests.ts'
import { labelled } from './labelled.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld', 'docker')
const LAB = fileURLToPath(new URL('../build', import.meta.url))
const CONTROL = fileURLToPath(new URL('../control/lab-control.ts', import.meta.url))
const START_MS = 60_000
/** The engine makes the container some 300 to 450 ms after it is announced. */
const GROWING_MS = 350

/** A process of its own that brings a lab up. */
function maker(name: string) {
  const options = JSON.stringify({ name, hosts: 2, lab: 'docker' })
  const code = `const { labUp } = await import('${LAB}/up.ts'); await labUp(${options})`
  return open([process.execPath, '--input-type=module', '-e', `${code}; process.exit(0)`])
}

/** What is left of a lab on this machine. */
function remains(name: string, token: string): readonly string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
  return [
    ...readdirSync(NETNS_DIR).filter((each) => each.startsWith(`fd-${token}`)),
    ...processesOfLab(token, []).map(String),
    ...mounts.filter((line) => line.includes(labDirectory(name))),
    ...readdirSync('/sys/fs/cgroup').flatMap((each) => {
      const path = `/sys/fs/cgroup/${each}/fd-${token}`
      return existsSync(path) ? [path] : []
    }),
    ...(existsSync(labDirectory(name)) ? [labDirectory(name)] : []),
  ]
}

/** Kills a maker some milliseconds after it has begun its ledger; gives the token. */
async function killAfter(name: string, ms: number): Promise<string> {
  const making = await maker(name)
  const deadline = performance.now() + START_MS
  while (readLedger(labDirectory(name)) === undefined && performance.now() < deadline) await setTimeout(5)
  const token = readLedger(labDirectory(name))?.token ?? 'no lab was begun'
  await setTimeout(ms)
  killGroup(making.pid, 'SIGKILL')
  await making.ended
  await sweep()
  return token
}

/** Kills one that adds a host while the engine makes its container. */
async function killWhileGrowing(name: string): Promise<void> {
  const code = `const { labControl } = await import('${CONTROL}'); await labControl('${name}').growth.add()`
  const growing = await open([process.execPath, '--input-type=module', '-e', code])
  const deadline = performance.now() + START_MS
  const isGrowing = (): boolean =>
    readLedger(labDirectory(name))?.entries.some(({ kind }) => kind === 'growth') === true
  while (!isGrowing() && performance.now() < deadline) await setTimeout(5)
  await setTimeout(GROWING_MS)
  killGroup(growing.pid, 'SIGKILL')
  await growing.ended
}

live('a maker killed at any moment leaves nothing in its own engine', async (t) => {
  delete process.env.DOCKER_HOST
  for (const ms of [100, 900, 1800, 3000]) {
    const name = `own${ms}-${process.pid}`
    const token = await killAfter(name, ms)
    await labDown(name) // where it was quick enough to be ready
    t.is(token.length, 4)
    t.deepEqual(remains(name, token), [], `killed after ${ms} ms`)
  }
})

live('a maker killed at any moment leaves nothing in an engine of somebody else', async (t) => {
  const { socket, directory } = await startTestEngine()
  process.env.DOCKER_HOST = `unix://${socket}`
  try {
    for (const ms of [300, 1000, 1500, 2000]) {
      const name = `other${ms}-${process.pid}`
      const token = await killAfter(name, ms)
      await labDown(name)
      t.deepEqual(remains(name, token), [], `killed after ${ms} ms`)
      t.deepEqual(await labelled(socket, token), { containers: [], networks: [] }, `killed after ${ms} ms`)
    }
    const name = `kept-${process.pid}`
    await (await maker(name)).ended
    const lab = findLab(name)
    t.is((await labelled(socket, lab.token)).containers.length, 3)
    await killWhileGrowing(name)
    t.deepEqual(await labDown(name), [name])
    t.deepEqual(remains(name, lab.token), [])
    t.deepEqual(await labelled(socket, lab.token), { containers: [], networks: [] })
  } finally {
    await stopTestEngine({ socket, directory, token: '' })
  }
})
