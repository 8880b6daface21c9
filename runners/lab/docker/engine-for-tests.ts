/** A Docker engine of a test's own, in a network of its own, removed with everything in it. */
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { $ } from '../../hosts/command/zx.ts'
import { removeLab, sweep } from '../build/down.ts'
import { findFlanneld } from '../daemons/flanneld.ts'
import { openLedger } from '../ledger/ledger.ts'
import { startContainer } from './containers.ts'
import { startEngine } from './engine.ts'
import { ownImage } from './image.ts'

/** dockerd answers after a second; on a busy machine a start has taken 15. */
const START_MS = 120_000

export interface TestEngine {
  readonly socket: string
  readonly directory: string
  readonly token: string
}

/** Starts it, in a ledger that removes it even after a SIGKILL; with the size its disk is to have, if any. */
export async function startTestEngine(diskSize?: string): Promise<TestEngine> {
  await sweep()
  const token = `t${randomBytes(3).toString('hex')}`
  const directory = openLedger({ name: `engine-${token}`, token, ephemeral: true })
  if (diskSize !== undefined) {
    const disk = `${directory}/engine/data`
    mkdirSync(disk, { recursive: true })
    await $`mount -t tmpfs -o size=${diskSize} tmpfs ${disk}`
  }
  const socket = await startEngine({ directory, token }, { deadline: performance.now() + START_MS })
  return { socket, directory, token }
}

/** Removes it. */
export const stopTestEngine = ({ directory }: TestEngine): Promise<void> => removeLab(directory)

/** Starts an idle container made of this machine's programs. */
export async function startIdle({ socket, directory, token }: TestEngine, name: string): Promise<void> {
  const flanneld = await findFlanneld(undefined, 'v3', () => {})
  const image = await ownImage(socket, `${directory}/image`, flanneld.path)
  const home = `${directory}/${name}`
  mkdirSync(home, { recursive: true })
  await startContainer(
    { socket, token, network: 'none' },
    {
      name,
      hostname: name,
      image,
      command: ['sleep', '600'],
      directory: home,
      files: [],
      inMemory: [],
      environment: {},
      devices: [],
    },
  )
}
