// flanneld writes the file once lease and backend are ready and never removes it (`pkg/subnet/subnet.go`,
// `WriteSubnetFile`; path from `-subnet-file`). Docker's options are made from it: without the file
// mk-docker-opts ends with status 0 and empty options, and Docker takes 172.17.0.0/16.
import { defineHostCheck } from '../define.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import { named } from '../model/named.ts'
import type { SubnetEnv } from '../model/subnet-env.ts'

/** The last two lines are written whatever the address families are; a shell takes a carriage return for a part of the value. */
function* damaged({ path, subnet, mtu, ipMasq, otherLines, hasCarriageReturns }: SubnetEnv) {
  const hasSubnet = subnet !== undefined || otherLines.some((line) => line.includes('FLANNEL_IPV6_SUBNET='))
  const lines = {
    FLANNEL_SUBNET: hasSubnet,
    FLANNEL_MTU: mtu !== undefined,
    FLANNEL_IPMASQ: ipMasq !== undefined,
  }
  const missing = Object.entries(lines).flatMap(([name, isThere]) => (isThere ? [] : [`without ${name}`]))
  const wrong = hasCarriageReturns ? [...missing, 'carriage returns at the ends of lines'] : missing
  if (wrong.length === 0) return
  yield { code: 'damaged' as const, object: named('file', path), observed: wrong.join(', '), data: { path } }
}

/** A container engine makes a folder where the file of a bind mount is missing; flanneld cannot put its file in that place. */
const FOLDER =
  'Remove the folder that stands in the place of the file (`rmdir`), then restart flanneld on {host}.'

export const check = defineHostCheck({
  id: 'subnet-env/file',
  title: 'subnet.env',
  backends: 'any',
  needs: ['flanneld'],
  needsExpected: false,
  findings: {
    missing: {
      severity: 'warning',
      confidence: 'certain',
      says: '{host} has no subnet.env: the next start of Docker gets no subnet from flannel',
      fix: 'Restart flanneld on {host}, which writes the file when it has a lease; check that -subnet-file names the file that Docker reads.',
      withPods: {
        says: '{host} has no subnet.env: new pods fail with "loadFlannelSubnetEnv failed"',
        fix: 'See in the log of the flannel pod of {host} why it does not start; it writes the file once it has a podCIDR and its backend is ready.',
      },
      heal: [RESTART_FLANNELD],
      explains: [{ code: 'bridge/docker-options:bip-differs', when: 'same-host' }],
    },
    damaged: {
      severity: 'warning',
      confidence: 'certain',
      says: '{path} of {host} is not as flanneld writes it ({observed}): what starts next takes wrong options from it, or none',
      fix: 'Restart flanneld on {host}, which writes the file anew; find what else writes it, or whether its disk was full.',
      heal: [RESTART_FLANNELD],
    },
  },
  *evaluate({ host, cluster: { snapshot } }) {
    const fact = snapshot.hosts.get(host)?.facts.subnetEnv
    if (fact === undefined) return
    if (fact.known) return yield* damaged(fact.value)
    if (fact.why !== 'missing') return yield { unsure: `subnetEnv ${fact.why}: ${fact.detail}` }
    const evidence = [{ source: fact.from, excerpt: fact.detail }]
    const isFolder = fact.detail.includes('is a folder')
    const about = isFolder ? { observed: 'a folder', fix: FOLDER, heal: [] } : { observed: 'no such file' }
    yield { code: 'missing', object: 'subnet.env', ...about, evidence }
  },
})
