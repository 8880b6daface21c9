/**
 * A node of a Kubernetes cluster, entered with `kubectl exec`: `kubectl://NODE` by a pod of our own that may enter networks
 * (kubernetes-manifests/entry), else of flannel's DaemonSet there, `kubectl://NAMESPACE/POD` by any pod that uses the network
 * of its node. Nothing is created. What a pod does not mount (the node's /etc, other pods' namespaces) is not seen.
 */
import { FLANNEL_IMAGE } from '../../checks/expected/constants.ts'
import { printable } from '../../reports/layout/printable.ts'
import { type CommandResult, type Runner, RunnerError, type RunOptions } from './command/runner.ts'
import { run } from './command/spawn.ts'
import { openTagged, type TaggedCall, tagged } from './command/tagged-run.ts'
import type { KubectlPlace } from './host-url.ts'

/** Which cluster, where it is not the one that kubectl takes by itself. */
export interface KubectlCluster {
  readonly kubeconfig?: string
  readonly context?: string
  /** Words that come before kubectl to run it where the API server is reached. */
  readonly prefix?: readonly string[]
}

interface PodPlace {
  readonly namespace: string
  readonly pod: string
  /** Default: the pod's own choice. */
  readonly container?: string
}

/** Our own image. */
const OWN_IMAGE = /(^|\/)flannel-doctor(:|@|$)/
const ROW =
  '{.metadata.namespace} {.metadata.name} {.spec.hostNetwork}{range .spec.containers[*]} {.name} {.image} {.securityContext.capabilities.add}{end}'
const SELECTED = (node: string): string => `--field-selector=spec.nodeName=${node},status.phase=Running`

function kubectlWords({ kubeconfig, context, prefix = [] }: KubectlCluster): readonly string[] {
  return [
    ...prefix,
    'kubectl',
    ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
    ...(context === undefined ? [] : [`--context=${context}`]),
  ]
}

/** What kubectl says when it did not run anything; it ends with 1 then. */
const REFUSAL = /^(error: |Error from server|Unable to connect|The connection to the server)/m
/** What it adds to the words of a command that failed. */
const ENDED = /(^|\n)command terminated with exit code \d+\s*$/

/** What it says before them where nobody named the container. */
const DEFAULTED = /^Defaulted container .*\n/

interface Sentence {
  readonly says: RegExp
  readonly problem: RunnerError['problem']
  readonly sentence: string
}

const SENTENCES: readonly Sentence[] = [
  {
    says: /\(Forbidden\)|forbidden:/,
    problem: 'not-permitted',
    sentence: 'the API server refuses this user: listing pods and creating pods/exec are needed',
  },
  {
    says: /Unauthorized|must be logged in/,
    problem: 'auth',
    sentence: 'the API server does not know this user',
  },
  {
    says: /\(NotFound\)/,
    problem: 'unreachable',
    sentence: 'there is no such pod (see: kubectl get pods -A -o wide)',
  },
  {
    says: /cannot exec into a container in a completed pod|container not found|unable to upgrade connection/,
    problem: 'unreachable',
    sentence: 'its container does not run',
  },
  {
    says: /Unable to connect|The connection to the server|dial tcp|i\/o timeout/,
    problem: 'unreachable',
    sentence: 'no API server, or no kubelet of the node, answers',
  },
]

function refused(via: string, said: string): RunnerError {
  const known = SENTENCES.find(({ says }) => says.test(said))
  const line = printable(said.trim().split('\n').at(-1) ?? '', 200)
  return new RunnerError(known?.problem ?? 'unreachable', `${via}: ${known?.sentence ?? line}`)
}

/** A missing kubectl is told as such. */
async function start<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof RunnerError) || error.problem !== 'not-installed') throw error
    throw new RunnerError('not-installed', 'kubectl is not installed on this machine (command not found)')
  }
}

/** RFC 1123 names: what an API server says becomes words of a command, and none of them may be an option. */
const WORD = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/

interface Entrance extends PodPlace {
  readonly image: string
  /** Capabilities that it has beside those of every container, as JSON. */
  readonly added: string
}

/** One that sees more than flannel's does: pods of ours that only ran once, or judge others, may not enter networks. */
const isOwn = ({ image, added }: Entrance): boolean => OWN_IMAGE.test(image) && added.includes('"SYS_ADMIN"')
const isFlannel = ({ image }: Entrance): boolean => FLANNEL_IMAGE.test(image)

function entrancesOf(line: string): readonly Entrance[] {
  const [namespace = '', pod = '', hostNetwork, ...words] = line.split(' ')
  if (hostNetwork !== 'true' || !WORD.test(namespace) || !WORD.test(pod)) return []
  return words.flatMap((container, at) => {
    const [image = '', added = ''] = words.slice(at + 1)
    return at % 3 === 0 && WORD.test(container) ? [{ namespace, pod, container, image, added }] : []
  })
}

/** The pod on a node that has its network and flannel's programs. Throws RunnerError where there is none. */
async function podOn(node: string, words: readonly string[], via: string): Promise<PodPlace> {
  const argv = [
    ...words,
    'get',
    'pods',
    '-A',
    SELECTED(node),
    '-o',
    `jsonpath={range .items[*]}${ROW}{"\\n"}{end}`,
  ]
  const { end, stdout, stderr } = await start(() => run(argv))
  if (!('exit' in end) || end.exit !== 0) throw refused(via, stderr)
  const entrances = Buffer.from(stdout).toString('utf8').split('\n').flatMap(entrancesOf)
  const found = entrances.find(isOwn) ?? entrances.find(isFlannel)
  if (found !== undefined) return found
  throw new RunnerError(
    'unreachable',
    `${via}: no pod of flannel runs on node ${node} (see: kubectl get nodes; kubectl get pods -A -o wide)`,
  )
}

function callInto(words: readonly string[], { namespace, pod, container }: PodPlace): TaggedCall {
  const into = ['-n', namespace, pod, ...(container === undefined ? [] : ['-c', container]), '--']
  return tagged({
    withVariable: (variable) => [...words, 'exec', '-i', ...into, 'env', variable],
    plain: [...words, 'exec', ...into],
  })
}

async function runInside(
  call: TaggedCall,
  argv: readonly string[],
  { via, options }: { readonly via: string; readonly options: RunOptions | undefined },
): Promise<CommandResult> {
  const result = await start(() => run([...call.words, ...argv], options))
  const { end, stdout, stderr } = result
  if (!('exit' in end)) await call.signal('KILL')
  else if (end.exit === 1 && stdout.length === 0 && REFUSAL.test(stderr)) throw refused(via, stderr)
  return { ...result, stderr: stderr.replace(DEFAULTED, '').replace(ENDED, '') }
}

/** Runner for a node or pod; the API server is asked at the first command, and rejects there with RunnerError. */
export function kubectlRunner(host: string, place: KubectlPlace, cluster: KubectlCluster = {}): Runner {
  const via = 'node' in place ? `kubectl://${place.node}` : `kubectl://${place.namespace}/${place.pod}`
  const words = kubectlWords(cluster)
  let found: Promise<PodPlace> | undefined
  const call = async (): Promise<TaggedCall> => {
    found ??= 'node' in place ? podOn(place.node, words, via) : Promise.resolve(place)
    return callInto(words, await found)
  }
  return {
    kind: 'kubectl',
    host,
    via,
    run: async (argv, options) => runInside(await call(), argv, { via, options }),
    open: async (argv, options) => {
      const into = await call()
      return start(() => openTagged(into, argv, options))
    },
    close: async () => {},
  }
}
