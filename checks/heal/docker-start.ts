/** Docker started again with what `mk-docker-opts.sh` derives from subnet.env (flannel `dist/mk-docker-opts.sh`). */

import { dockerOption } from '../expected/docker-option.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import type { HealStep } from '../heal-step.ts'
import { formatPrefix } from '../model/address.ts'
import type { Docker } from '../model/container-bridge.ts'
import type { DockerOptionsFile } from '../model/docker-options.ts'
import { keep, RESTART_DOCKER, run } from './steps.ts'

type Values = ExpectedHost['subnetEnv']

/** The options in the order of the script; what is not known is left out. */
function flannelOptions({ subnet, mtu, ipMasq }: Values): readonly string[] {
  return [
    `--bip=${formatPrefix(subnet)}`,
    ...(ipMasq === undefined ? [] : [`--ip-masq=${!ipMasq}`]),
    ...(mtu === undefined ? [] : [`--mtu=${mtu}`]),
  ]
}

/** No step where daemon.json sets one of them: dockerd refuses an option that is given twice. */
export function dockerWithOptions(docker: Docker, values: Values): readonly HealStep[] {
  const isInFile = ['bip', 'mtu', 'ip-masq'].some((name) => name in docker.daemonJson)
  const isBridgeGiven = dockerOption(docker, 'bridge') !== undefined
  return isInFile || isBridgeGiven ? [] : [{ on: 'host', restart: 'docker', options: flannelOptions(values) }]
}

/** The file as `mk-docker-opts.sh` writes it with -c, under the name that the unit expands; one below /etc holds lines of the operator too. */
export function optionsFile({ path, variables }: DockerOptionsFile, values: Values): readonly HealStep[] {
  if (!/^\/run\/[\w./-]+$/.test(path)) return []
  const text = `${variables.at(-1)?.name ?? 'DOCKER_OPTS'}=" ${flannelOptions(values).join(' ')}"`
  const write = run(`printf '${text}\\n' > ${path}`, 'the file gives Docker what subnet.env says')
  return [write, RESTART_DOCKER]
}

/** Options out of daemon.json; the comma that may be left before the brace goes too, and the file as it was is kept beside it. */
export function withoutFileOptions(docker: Docker, names: readonly string[]): readonly HealStep[] {
  const path = dockerOption(docker, 'config-file') ?? '/etc/docker/daemon.json'
  const isPlain = /^\/[\w./-]+$/.test(path) && names.every((name) => /^[a-z-]+$/.test(name))
  const option = `"(${names.join('|')})"[[:space:]]*:[[:space:]]*("[^"]*"|[0-9]+|true|false)[[:space:]]*,?[[:space:]]*`
  const script = String.raw`s/${option}//g; s/,([[:space:]]*\})/\1/g`
  const step = keep(
    `sed -i.before -zE '${script}' ${path}`,
    'the options are those of the flags alone; Docker takes it at its next start',
    `mv ${path}.before ${path}`,
  )
  return isPlain ? [step] : []
}
