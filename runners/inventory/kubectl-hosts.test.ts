import test from 'ava'
import { withCluster } from './kubectl-hosts.ts'

const hosts = [
  { name: 'h1', via: 'kubectl://h1' },
  { name: 'h2', via: 'netns://h2' },
] as unknown as Parameters<typeof withCluster>[0]

test('a node is entered in the cluster of the leases, from the network that reaches its API', (t) => {
  const [h1, h2] = withCluster(hosts, { kubeconfig: '/k', via: 'netns://fd-ab12-switch' })
  t.deepEqual(h1?.kubectl, {
    kubeconfig: '/k',
    prefix: ['nsenter', '--net=/run/netns/fd-ab12-switch', '--'],
  })
  t.is(h2?.kubectl, undefined)
})

test('another machine that reaches the API runs no kubectl for us', (t) => {
  t.deepEqual(withCluster(hosts, { via: 'ssh://bastion' })[0]?.kubectl, {})
})
