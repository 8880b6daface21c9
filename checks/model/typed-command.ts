/**
 * How a command is typed that runs on a host: the words of `ip netns exec`, `docker exec`, `ssh` and their kind stand
 * before it. Commands of findings are those of the host itself; where they are shown, this puts the way in front.
 */
import { isPlainCommand, shellWord } from './shell-words.ts'

const NAME = '[A-Za-z0-9][A-Za-z0-9_.-]*'
/** The command as words of another program; one that needs a shell gets one there. */
function asWords(command: string): string {
  return isPlainCommand(command) ? command : `sh -c ${shellWord(command) ?? "''"}`
}

/** The command as one argument, which a shell on the other side reads. */
function asLine(command: string): string {
  return isPlainCommand(command) ? command : (shellWord(command) ?? "''")
}

/** One way to a host: the URL, and the command behind its words, from the groups of the URL. */
interface Way {
  readonly url: RegExp
  readonly typed: (command: string, groups: readonly (string | undefined)[]) => string
}

const NETNS: Way = {
  url: new RegExp(`^netns://(${NAME})$`),
  typed: (command, [namespace]) => `ip netns exec ${namespace} ${asWords(command)}`,
}
/** A namespace with files of its own, those of a process in it. */
const MOUNTED_NETNS: Way = {
  url: new RegExp(`^netns://${NAME}@(\\d+)$`),
  typed: (command, [pid]) => `nsenter -t ${pid} -n -m ${asWords(command)}`,
}
const DOCKER: Way = {
  url: new RegExp(`^docker://(${NAME})(?:@((?:/[A-Za-z0-9_.-]+)+))?$`),
  typed: (command, [container, socket]) =>
    `docker ${socket === undefined ? '' : `-H unix://${socket} `}exec ${container} ${asWords(command)}`,
}
const SSH: Way = {
  url: new RegExp(
    `^ssh://((?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?(?:${NAME}|\\[[0-9A-Fa-f:.]+\\]))(?::(\\d{1,5}))?$`,
  ),
  typed: (command, [address = '', port]) =>
    `ssh ${port === undefined ? '' : `-p ${port} `}${address.replace(/[[\]]/g, '')} ${asLine(command)}`,
}
const VAGRANT: Way = {
  url: new RegExp(`^vagrant://(${NAME})$`),
  typed: (command, [machine]) => `vagrant ssh ${machine} -c ${shellWord(command) ?? "''"}`,
}
const KUBECTL: Way = {
  url: /^kubectl:\/\/([a-z0-9][a-z0-9-]*)\/([a-z0-9][a-z0-9.-]*)$/,
  typed: (command, [space, pod]) => `kubectl -n ${space} exec ${pod} -- ${asWords(command)}`,
}

const WAYS: readonly Way[] = [NETNS, MOUNTED_NETNS, DOCKER, SSH, VAGRANT, KUBECTL]

/**
 * A command as it is typed where flannel-doctor runs, for a host that is reached by `via`, a host URL. One without a
 * way, or with one that is none, is typed as it stands.
 */
export function typedCommand(via: string, command: string): string {
  for (const { url, typed } of WAYS) {
    const groups = url.exec(via)?.slice(1)
    if (groups !== undefined) return typed(command, groups)
  }
  return command
}
