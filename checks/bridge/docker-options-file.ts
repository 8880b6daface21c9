/**
 * flanneld does not speak to Docker: mk-docker-opts.sh turns subnet.env into a file of variables, the unit of
 * Docker reads it (flannel `dist/mk-docker-opts.sh`, `dist/`'s units). The script gives no error
 * when subnet.env is missing (it writes DOCKER_OPTS="") and writes lines that set nothing when it is run as
 * `bash mk-docker-opts.sh`, where `set` lists functions as well. Nothing writes the file again when the lease changes.
 */
import type { Draft } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { dockerSubnet, fileOption, isNetworkAddress, servesSubnet } from '../expected/docker-option.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import { optionsFile } from '../heal/docker-start.ts'
import { RESTART_DOCKER } from '../heal/steps.ts'
import { formatPrefix, type Prefix, parsePrefix, samePrefix } from '../model/address.ts'
import type { Docker } from '../model/container-bridge.ts'
import type { DockerOptionsFile } from '../model/docker-options.ts'
import type { SubnetEnv } from '../model/subnet-env.ts'

type Values = Pick<SubnetEnv, 'subnet' | 'mtu' | 'ipMasq'>
type Code = 'differs' | 'empty' | 'junk' | 'not-used'

/** subnet.env as it is and as it should be: a file that agrees with either is not at fault itself. */
interface Sources {
  readonly written: Values
  readonly expected: ExpectedHost['subnetEnv']
}

/** Files below /etc belong to operators and the distribution, who may leave them empty. */
function isGenerated({ path }: DockerOptionsFile): boolean {
  return !path.startsWith('/etc/')
}

function isEmpty({ variables, otherLines, junkLines }: DockerOptionsFile): boolean {
  return otherLines + junkLines === 0 && variables.every(({ words }) => words === 0)
}

function agrees(bip: Prefix, subnet: Prefix | undefined): boolean {
  return subnet !== undefined && samePrefix(bip, subnet)
}

/** True when the file's --bip is an address of the own subnet; undefined when it has none. */
function hasOwnSubnet(file: DockerOptionsFile, { written, expected }: Sources): boolean | undefined {
  const text = fileOption(file, 'bip')
  if (text === undefined) return undefined
  const bip = parsePrefix(text)
  if (bip === undefined || isNetworkAddress(bip)) return false
  return agrees(bip, written.subnet) || agrees(bip, expected.subnet)
}

interface Difference {
  readonly option: string
  readonly expected: string
  readonly observed: string
}

function bipDifference(file: DockerOptionsFile, sources: Sources): readonly Difference[] {
  const subnet = sources.written.subnet ?? sources.expected.subnet
  if (subnet === undefined || hasOwnSubnet(file, sources) !== false) return []
  return [{ option: 'bip', expected: formatPrefix(subnet), observed: fileOption(file, 'bip') ?? '' }]
}

/** A smaller MTU works, a larger one does not. */
function mtuDifference(file: DockerOptionsFile, { written, expected }: Sources): readonly Difference[] {
  const given = Number(fileOption(file, 'mtu'))
  const largest = Math.max(written.mtu ?? 0, expected.mtu ?? 0)
  if (!(given > largest) || written.mtu === undefined) return []
  return [{ option: 'mtu', expected: String(written.mtu), observed: String(given) }]
}

/** `--ip-masq` is the opposite of FLANNEL_IPMASQ; only where neither masquerades is something lost. */
function masqueradeDifference(
  file: DockerOptionsFile,
  { written, expected }: Sources,
): readonly Difference[] {
  const isNobody = written.ipMasq === false && expected.ipMasq !== true
  if (!isNobody || fileOption(file, 'ip-masq') !== 'false') return []
  return [{ option: 'ip-masq', expected: 'true', observed: 'false' }]
}

function* differences(file: DockerOptionsFile, sources: Sources): Iterable<Draft<'differs'>> {
  const found = [bipDifference, mtuDifference, masqueradeDifference].flatMap((find) => find(file, sources))
  for (const { option, expected, observed } of found) {
    const data = { option, path: file.path }
    const heal = optionsFile(file, sources.expected)
    yield { code: 'differs', object: `--${option} in ${file.path}`, expected, observed, data, heal }
  }
}

/** dockerd was started with another subnet than the one a right file gives it. */
function notUsed(
  file: DockerOptionsFile,
  docker: Docker,
  { expected }: Sources,
): Draft<'not-used'> | undefined {
  const bip = parsePrefix(fileOption(file, 'bip') ?? '')
  const subnet = dockerSubnet(docker)
  if (bip === undefined || subnet === undefined) return undefined
  if (agrees(subnet, bip) || agrees(subnet, expected.subnet)) return undefined
  const data = { path: file.path }
  return {
    code: 'not-used',
    object: file.path,
    expected: formatPrefix(bip),
    observed: formatPrefix(subnet),
    data,
    heal: [RESTART_DOCKER],
  }
}

export const check = defineHostCheck({
  id: 'bridge/docker-options-file',
  title: 'File with the options of dockerd',
  backends: 'any',
  needs: ['dockerOptions', 'subnetEnv', 'docker', 'links', 'addresses'],
  needsExpected: true,
  findings: {
    differs: {
      severity: 'warning',
      confidence: 'certain',
      says: '{path} on {host} gives dockerd --{option}={observed}, subnet.env asks for {expected}: the file is of a former lease or was edited by hand',
      fix: 'Run mk-docker-opts.sh with the same -d and -k again (with sh, after flanneld has started) or correct the file, then restart Docker.',
      explains: [
        { code: 'bridge/docker-options:bip-differs', when: 'same-host' },
        { code: 'bridge/docker-options:bip-is-network', when: 'same-host' },
        { code: 'bridge/docker-options:mtu-differs', when: 'same-host' },
        { code: 'bridge/docker-options:ip-masq-differs', when: 'same-host' },
      ],
    },
    empty: {
      severity: 'warning',
      confidence: 'certain',
      says: '{path} on {host} holds no option although subnet.env exists: Docker takes 172.17.0.0/16 when it starts with it',
      fix: 'Run mk-docker-opts.sh again now that subnet.env exists, restart Docker, and order its run after flanneld (ExecStartPost of flanneld.service).',
      explains: [
        { code: 'bridge/docker-options:bip-differs', when: 'same-host' },
        { code: 'bridge/docker-options:mtu-differs', when: 'same-host' },
      ],
    },
    junk: {
      severity: 'warning',
      confidence: 'certain',
      says: '{path} on {host} has lines that set no variable ({count}), as mk-docker-opts.sh writes them when it is run by bash: dockerd may refuse its options',
      fix: 'Run it as `sh mk-docker-opts.sh` or by its own first line, not as `bash mk-docker-opts.sh`, then restart Docker.',
      explains: [
        { code: 'bridge/docker-options:bip-differs', when: 'same-host' },
        { code: 'bridge/link:missing', when: 'same-host' },
      ],
    },
    'not-used': {
      severity: 'warning',
      confidence: 'likely',
      says: 'dockerd on {host} uses {observed}, not --bip={expected} of {path}: it was not restarted since, or its unit does not read the file',
      fix: 'See that docker.service has EnvironmentFile={path} and the variable in ExecStart (`systemctl cat docker`), then `systemctl daemon-reload` and `systemctl restart docker` on {host}.',
      explains: [
        { code: 'bridge/docker-options:bip-differs', when: 'same-host' },
        { code: 'bridge/docker-options:mtu-differs', when: 'same-host' },
        { code: 'bridge/docker-options:ip-masq-differs', when: 'same-host' },
      ],
    },
  },
  *evaluate({ facts, expected }) {
    const { dockerOptions, subnetEnv, docker, links, addresses } = facts
    const { files } = dockerOptions
    if (!servesSubnet({ links, addresses, docker, subnet: expected.lease.subnet })) return
    for (const file of files.filter(isGenerated)) {
      const heal = optionsFile(file, expected.subnetEnv)
      const [data, observed] = [{ path: file.path, count: file.junkLines }, `${file.junkLines} lines`]
      if (file.junkLines > 0) yield { code: 'junk', object: file.path, observed, data, heal }
    }
    yield* judge(files, docker, { written: subnetEnv, expected: expected.subnetEnv })
  },
})

/** Files by their --bip: a right one beside them makes wrong and empty ones leftovers. */
function* judge(
  files: readonly DockerOptionsFile[],
  docker: Docker,
  sources: Sources,
): Iterable<Draft<Code>> {
  const right = files.find((file) => hasOwnSubnet(file, sources) === true)
  const unused = right === undefined || !docker.running ? undefined : notUsed(right, docker, sources)
  if (unused !== undefined) yield unused
  for (const file of files) {
    if (right !== undefined && hasOwnSubnet(file, sources) !== true) continue
    yield* differences(file, sources)
  }
  const isServed = right !== undefined || docker.daemonJson.bip !== undefined
  for (const file of isServed ? [] : files.filter(isGenerated).filter(isEmpty)) {
    const data = { path: file.path }
    yield {
      code: 'empty',
      object: file.path,
      expected: '--bip, --mtu and --ip-masq',
      observed: 'no option',
      data,
      heal: optionsFile(file, sources.expected),
    }
  }
}
