import test from 'ava'
import { maskAccounts, maskedWords } from './mask-accounts.ts'

const URLS: readonly (readonly [string, string])[] = [
  ['http://u:PW@h:2379', 'http://********@h:2379'],
  ['etcd http://u:P@W/x:1@h failed', 'etcd http://********@h failed'],
  ['http://u:P,W@h,https://PW@h2', 'http://********@h,https://********@h2'],
  ['http://h:2379,http://u:PW@h2', 'http://h:2379,http://********@h2'],
  ['ssh://root@h1:22', 'ssh://root@h1:22'],
  ['ssh://root:PW@h1', 'ssh://root:********@h1'],
  ['http://h:2379/v2 and a@b', 'http://h:2379/v2 and a@b'],
]

for (const [text, masked] of URLS) {
  test(`${text} is shown as ${masked}`, (t) => {
    t.is(maskAccounts(text), masked)
    t.is(maskAccounts(masked), masked)
  })
}

test('words of a command line are shown without their secrets', (t) => {
  const argv = [
    'check',
    '--etcd-user',
    'root:PW:x',
    '--etcd-user=root:PW',
    '--etcd',
    'http://a:PW@h',
    '--etcd-user',
    'root',
  ]
  t.deepEqual(maskedWords(argv), [
    ...['check', '--etcd-user', 'root:********', '--etcd-user=root:********'],
    ...['--etcd', 'http://********@h', '--etcd-user', 'root'],
  ])
  t.deepEqual(maskedWords(['--token', 'PW', '--x-password=PW', '--token-file=x']), [
    '--token',
    '********',
    '--x-password=********',
    '--token-file=********',
  ])
})

test('a long hostile text is masked in no time', (t) => {
  const startedAt = performance.now()
  maskAccounts('http://'.repeat(20_000))
  maskAccounts(`http://${'a,'.repeat(50_000)}`)
  maskAccounts('a'.repeat(200_000))
  t.true(performance.now() - startedAt < 2000)
})
