/** Where a container is entered: what a host prints is believed in one form only. */
import test from 'ava'
import type { Container } from '../../checks/model/container-bridge.ts'
import { namespacePath } from './namespace.ts'

const target = { name: 'h1', via: 'kubectl://h1' }
const container = (about: Partial<Container>): Container => ({
  name: 'default/web',
  foundBy: 'proc',
  links: [],
  addresses: [],
  ...about,
})

test('a pod is entered by the file of its network or by its process, whatever its name is', (t) => {
  t.is(namespacePath(target, container({ namespace: '/run/netns/cni-1f' })), '/run/netns/cni-1f')
  t.is(namespacePath(target, container({ pid: 7, namespace: '/proc/7/ns/net' })), '/proc/7/ns/net')
  t.is(namespacePath(target, container({ name: 'blue' })), '/run/netns/blue')
  for (const namespace of ['/run/netns/../../etc/x', '/run/netns/-t', '/etc/x', ''])
    t.is(namespacePath(target, container({ namespace })), undefined)
  t.is(namespacePath(target, container({ foundBy: 'docker' })), undefined)
})
