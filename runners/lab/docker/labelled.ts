/** What a lab has made in an engine that is not its own, found by the lab's label, and its removal. */

import { poll } from '../../poll.ts'
import { askEngine, readEngine } from '../daemons/engine-api.ts'
import { askSocket, type SocketRequest } from '../daemons/socket-http.ts'
import { LabError } from '../lab-error.ts'

/** Label of every container and network of a lab; its value is the lab's token. */
export const LAB_LABEL = 'flannel-doctor.lab'

const filtersFor = (token: string): string =>
  encodeURIComponent(JSON.stringify({ label: [`${LAB_LABEL}=${token}`] }))

async function idsAt(socket: string, path: string): Promise<readonly string[]> {
  return (await readEngine<{ Id: string }[]>(socket, { method: 'GET', path })).map(({ Id }) => Id)
}

/** Ids of the lab's containers and networks. */
export async function labelled(
  socket: string,
  token: string,
): Promise<{ readonly containers: readonly string[]; readonly networks: readonly string[] }> {
  const filters = filtersFor(token)
  return {
    containers: await idsAt(socket, `/containers/json?all=1&filters=${filters}`),
    networks: await idsAt(socket, `/networks?filters=${filters}`),
  }
}

/** One that is being removed, or gone, by somebody else's hand is as good as removed by ours. */
async function removeOne(socket: string, path: string): Promise<void> {
  const request: SocketRequest = { method: 'DELETE', path, timeoutMs: 60_000 }
  try {
    await askEngine(socket, request)
  } catch (error) {
    if (!/No such|not found|already in progress/i.test((error as Error).message)) throw error
  }
}

/** Removes a container by its name or id, with what runs in it; nothing when there is none. */
export const removeContainer = (socket: string, container: string): Promise<void> =>
  removeOne(socket, `/containers/${container}?force=1&v=1`)

async function removeRound(socket: string, token: string): Promise<boolean> {
  const { containers, networks } = await labelled(socket, token)
  await Promise.all(containers.map((id) => removeContainer(socket, id)))
  await Promise.all(networks.map((id) => removeOne(socket, `/networks/${id}`)))
  return containers.length + networks.length > 0
}

/** What the engine was asked for goes on when the one who asked is killed: making a container took 0.4 s. */
const STILL_MAKING_MS = 1000

/**
 * Removes all of it; of a lab that was `halfMade` also what the engine was just making.
 * Throws LabError when the engine does not answer: then it keeps what it has.
 */
export async function removeLabelled(socket: string, token: string, halfMade: boolean): Promise<void> {
  await askSocket(socket, { method: 'GET', path: '/_ping' }).catch(() => {
    throw new LabError(
      'failed',
      `the Docker engine at ${socket} does not answer: it keeps the lab's containers`,
    )
  })
  const until = performance.now() + (halfMade ? STILL_MAKING_MS : 0)
  const isGone = async (): Promise<true | undefined> =>
    (await removeRound(socket, token)) || performance.now() < until ? undefined : true
  await poll(isGone, { deadline: Number.POSITIVE_INFINITY, pauseMs: 50 })
}
