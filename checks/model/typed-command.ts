/**
 * How a command is typed that runs on a host: the words of `ip netns exec`, `docker exec`, `ssh` and their kind stand
 * before it. Commands of findings are those of the host itself; where they are shown, this puts the way in front.
 */
import { isPlainCommand, shellWord } from './shell-words.ts'

const NAME = '[A-Za-z0-9][A-Za-z0-9_.-]*'
const NETNS = new RegExp(`^netns://(${NAME})$`)
const DOCKER = new RegExp(`^docker://(${NAME})(?:@((?:/[A-Za-z0-9_.-]+)+))?$`)
const VAGRANT = new RegExp(`^vagrant://(${NAME})$`)
const KUBECTL = /^kubectl:\/\/([a-z0-9][a-z0-9-]*)\/([a-z0-9][a-z0-9.-]*)$/
const SSH = new RegExp(
  `^ssh://((?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?(?:${NAME}|\\[[0-9A-Fa-f:.]+\\]))(?::(\\d{1,5}))?$`,
)

/** The command as words of another program; one that needs a shell gets one there. */
function asWords(command: string): string {
  return isPlainCommand(command) ? command : `sh -c ${shellWord(command) ?? "''"}`
}

/** The command as one argument, which a shell on the other side reads. */
function asLine(command: string): string {
  return isPlainCommand(command) ? command : (shellWord(command) ?? "''")
}

/**
 * A command as it is typed where flannel-doctor runs, for a host that is reached by `via`, a host URL. One without a
 * way, or with one that is none, is typed as it stands.
 */
export function typedCommand(via: string, command: string): string {
  const [, namespace] = NETNS.exec(via) ?? []
  if (namespace !== undefined) return `ip netns exec ${namespace} ${asWords(command)}`
  const [, container, socket] = DOCKER.exec(via) ?? []
  if (container !== undefined) {
    return `docker ${socket === undefined ? '' : `-H unix://${socket} `}exec ${container} ${asWords(command)}`
  }
  const [, address, port] = SSH.exec(via) ?? []
  if (address !== undefined) {
    const target = address.replace(/[[\]]/g, '')
    return `ssh ${port === undefined ? '' : `-p ${port} `}${target} ${asLine(command)}`
  }
  const [, machine] = VAGRANT.exec(via) ?? []
  if (machine !== undefined) return `vagrant ssh ${machine} -c ${shellWord(command) ?? "''"}`
  const [, space, pod] = KUBECTL.exec(via) ?? []
  if (pod !== undefined) return `kubectl -n ${space} exec ${pod} -- ${asWords(command)}`
  return command
}
