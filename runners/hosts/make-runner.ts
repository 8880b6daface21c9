/** Host URL to runner. */

import type { Runner } from './command/runner.ts'
import { dockerRunner } from './docker.ts'
import { parseHostUrl } from './host-url.ts'
import { type KubectlCluster, kubectlRunner } from './kubectl.ts'
import { localRunner } from './local.ts'
import { netnsRunner } from './netns.ts'
import { including } from './ssh/config-file.ts'
import { sshRunner } from './ssh/ssh.ts'
import { vagrantRunner } from './vagrant.ts'

/** Files of this machine that say how to reach a host, absolute. */
export interface ReachedWith {
  /** An ssh_config(5) that is read before the user's own. */
  readonly sshConfig?: string
  /** Where the Vagrantfile of a Vagrant machine is. */
  readonly vagrantFolder?: string
  /** The cluster of a kubectl:// host. */
  readonly kubectl?: KubectlCluster
}

/**
 * The runner of a host; `via` is its host URL.
 * Throws InputError when the URL is malformed.
 */
export function makeRunner(host: string, via: string, reached: ReachedWith = {}): Runner {
  const url = parseHostUrl(via)
  if (url.kind === 'local') return localRunner(host)
  if (url.kind === 'netns') return netnsRunner(host, url.namespace, url.mounts)
  if (url.kind === 'docker') return dockerRunner(host, url.container, url.socket)
  if (url.kind === 'vagrant') return vagrantRunner(host, url.machine, reached.vagrantFolder)
  if (url.kind === 'ssh') {
    const { address, user, port } = url
    const config = reached.sshConfig === undefined ? undefined : including(reached.sshConfig)
    return sshRunner({ kind: 'ssh', host, via }, async () => ({ via, address, user, port, config }))
  }
  return kubectlRunner(host, url.place, reached.kubectl)
}
