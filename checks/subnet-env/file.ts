// flanneld writes the file once lease and backend are ready and never removes it (`pkg/subnet/subnet.go`,
// `WriteSubnetFile`; path from `-subnet-file`). Docker's options are made from it: without the file
// mk-docker-opts ends with status 0 and empty options, and Docker takes 172.17.0.0/16.
import { defineHostCheck } from '../define.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'

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
  },
  *evaluate({ host, cluster: { snapshot } }) {
    const fact = snapshot.hosts.get(host)?.facts.subnetEnv
    if (fact === undefined || fact.known) return
    if (fact.why !== 'missing') return yield { unsure: `subnetEnv ${fact.why}: ${fact.detail}` }
    const evidence = [{ source: fact.from, excerpt: fact.detail }]
    yield { code: 'missing', object: 'subnet.env', observed: 'no such file', evidence }
  },
})
