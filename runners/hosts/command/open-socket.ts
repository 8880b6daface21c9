/** A command as the other end of a socket. */
import type { Socket } from 'node:net'
import { killGroup, start, startProblem } from './spawn.ts'

/**
 * Starts a command that talks on its descriptor 3, and gives our end of it: the command ends with it, and it fails where the
 * command cannot be started.
 */
export function openSocket(argv: readonly string[]): Socket {
  const child = start(argv, ['ignore', 'ignore', 'ignore', 'pipe'])
  const socket = child.stdio[3] as Socket // of descriptors above 2 libuv makes pairs of sockets
  child.once('error', (error) => socket.destroy(startProblem(argv, error)))
  socket.once('close', () => child.pid !== undefined && killGroup(child.pid, 'SIGKILL'))
  return socket
}
