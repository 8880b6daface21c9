import test from 'ava'
import fc from 'fast-check'
import { InputError } from '../input-error.ts'
import { hostNameOf, parseHostUrl } from './host-url.ts'
import { makeRunner } from './make-runner.ts'

const accepted: readonly (readonly [string, object, string])[] = [
  ['local:', { kind: 'local' }, 'here'],
  ['ssh://node-1', { kind: 'ssh', address: 'node-1' }, 'node-1'],
  ['ssh://core@192.0.2.1:2222', { kind: 'ssh', user: 'core', address: '192.0.2.1', port: 2222 }, '192.0.2.1'],
  ['ssh://[fd00::1]:22', { kind: 'ssh', address: 'fd00::1', port: 22 }, 'fd00::1'],
  ['docker://flannel_h1', { kind: 'docker', container: 'flannel_h1' }, 'flannel_h1'],
  [
    'docker://h1@/run/lab/docker.sock',
    { kind: 'docker', container: 'h1', socket: '/run/lab/docker.sock' },
    'h1',
  ],
  ['netns://fd-ab-h1', { kind: 'netns', namespace: 'fd-ab-h1' }, 'fd-ab-h1'],
  ['vagrant://node1', { kind: 'vagrant', machine: 'node1' }, 'node1'],
  [
    'kubectl://kube-flannel/ds-x1',
    { kind: 'kubectl', place: { namespace: 'kube-flannel', pod: 'ds-x1' } },
    'kube-flannel/ds-x1',
  ],
  ['kubectl://node-1.example', { kind: 'kubectl', place: { node: 'node-1.example' } }, 'node-1.example'],
  ['netns://fd-ab-h1@42', { kind: 'netns', namespace: 'fd-ab-h1', mounts: 42 }, 'fd-ab-h1'],
]
for (const [text, url, name] of accepted) {
  test(`host URL ${text}`, (t) => {
    t.deepEqual(parseHostUrl(text) as object, url)
    t.is(hostNameOf(parseHostUrl(text), 'here'), name)
  })
}

const refused = [
  '',
  'local',
  'h1',
  'http://h1',
  'constructor://x',
  'ssh://',
  'ssh://-oProxyCommand=x',
  'ssh://-l@h',
  'ssh://h:0',
  'ssh://h:65536',
  'ssh://h/path',
  'ssh://a b',
  'netns://',
  'netns://../x',
  'netns://-x',
  'netns://a/b',
  'docker://--privileged',
  'docker://a\nb',
  'docker://a@',
  'docker://a@docker.sock',
  'docker://@/run/docker.sock',
  'docker://a@/run/docker.sock --privileged',
  'docker://a@/run/$(id)',
  'vagrant://$(id)',
  'netns://a@0',
  'netns://a@1/2',
  'kubectl://',
  'kubectl://Node',
  'kubectl://--kubeconfig=x',
  'kubectl://ns/pod/x',
  'kubectl://-n/pod',
]
for (const text of refused) {
  test(`not a host URL: ${JSON.stringify(text)}`, (t) => {
    const error = t.throws(() => parseHostUrl(text), { instanceOf: InputError })
    t.regex(error?.message ?? '', /^not a host URL: ".*": expected .+$/)
  })
}

test('a bare name or address may have been meant for ssh', (t) => {
  for (const text of ['h1', '192.0.2.1', 'root@h1', 'h1:2222']) {
    t.throws(() => parseHostUrl(text), { message: new RegExp(`; did you mean ssh://${text}\\?$`) })
  }
  t.notRegex(t.throws(() => parseHostUrl('telnet://x'))?.message ?? '', /did you mean/)
})

test('no accepted name starts with a hyphen or holds a blank, a second slash or control character', (t) => {
  const scheme = fc.constantFrom('ssh://', 'docker://', 'netns://', 'vagrant://', 'kubectl://')
  const rest = fc.oneof(fc.string(), fc.string({ unit: 'binary' }))
  fc.assert(
    fc.property(scheme, rest, (start, end) => {
      try {
        const name = hostNameOf(parseHostUrl(start + end), '')
        return /^[^-\s/\p{Cc}][^\s/\p{Cc}]*(\/[^-\s/\p{Cc}]+)?$/u.test(name)
      } catch (error) {
        return error instanceof InputError
      }
    }),
  )
  t.pass()
})

test('runners of this version', (t) => {
  t.like(makeRunner('a', 'local:'), { kind: 'local', host: 'a', via: 'local:' })
  t.like(makeRunner('b', 'netns://h1'), { kind: 'netns', host: 'b', via: 'netns://h1' })
  t.like(makeRunner('d', 'docker://h1@/run/d.sock'), {
    kind: 'docker',
    host: 'd',
    via: 'docker://h1@/run/d.sock',
  })
  t.like(makeRunner('c', 'ssh://core@h:2222'), { kind: 'ssh', host: 'c', via: 'ssh://core@h:2222' })
  t.like(makeRunner('d', 'vagrant://h1'), { kind: 'vagrant', host: 'd', via: 'vagrant://h1' })
  t.like(makeRunner('e', 'kubectl://ns/pod'), { kind: 'kubectl', host: 'e', via: 'kubectl://ns/pod' })
  t.like(makeRunner('e', 'kubectl://n1'), { kind: 'kubectl', host: 'e', via: 'kubectl://n1' })
})
