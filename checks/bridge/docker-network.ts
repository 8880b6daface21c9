// flannel routes the one subnet that is leased to the host (`pkg/subnet/etcd/local_manager.go`); a Docker network
// with another subnet, such as those of docker-compose, is known to its own host only.
import { defineHostCheck } from '../define.ts'
import { containsPrefix, formatPrefix, maskPrefix } from '../model/address.ts'

/** Networks named in the sentence; the rest are counted. */
const NAMED = 3

export const check = defineHostCheck({
  id: 'bridge/docker-network',
  title: 'Docker networks outside the lease',
  backends: 'any',
  needs: ['docker'],
  needsExpected: true,
  findings: {
    'outside-lease': {
      severity: 'info',
      confidence: 'certain',
      says: 'containers in these Docker networks of {host} cannot be reached from other hosts, flannel does not route them: {observed}',
      fix: 'Nothing if they are local on purpose; otherwise `docker network create --subnet` with {expected} or a part of it, and remove the network that has it now.',
    },
  },
  *evaluate({ facts: { docker }, expected }) {
    const own = maskPrefix(expected.lease.subnet)
    // The default network has checks of its own.
    const outside = docker.networks
      .filter(({ name }) => name !== 'bridge')
      .filter(({ subnets }) => subnets.length > 0 && !subnets.some((subnet) => containsPrefix(own, subnet)))
    if (outside.length === 0) return
    const names = outside
      .slice(0, NAMED)
      .map(({ name, subnets }) => `${name} ${subnets.map(formatPrefix).join(' ')}`)
    const more = outside.length > NAMED ? ` and ${outside.length - NAMED} more` : ''
    yield {
      code: 'outside-lease',
      object: 'Docker networks',
      expected: formatPrefix(own),
      observed: names.join(', ') + more,
    }
  },
})
