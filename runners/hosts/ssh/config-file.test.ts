import test from 'ava'
import { RunnerError } from '../command/runner.ts'
import { including, vagrantHostBlock } from './config-file.ts'

const BLOCK = `Host h1
  HostName 127.0.0.1
  User vagrant
  Port 2222
  UserKnownHostsFile /dev/null
  StrictHostKeyChecking no
  PasswordAuthentication no
  IdentityFile "/srv/my lab/.vagrant/machines/h1/virtualbox/private_key"
  IdentitiesOnly yes
  LogLevel FATAL
`

test('the block of a machine out of what Vagrant prints', (t) => {
  t.is(vagrantHostBlock(BLOCK, 'h1'), BLOCK)
  const libvirt = BLOCK.replace('  Port 2222', '  Port 22\n  ProxyCommand ssh build -W %h:%p')
  t.is(vagrantHostBlock(libvirt, 'h1'), libvirt)
  const noise = `==> vagrant: A new version is available!\n[fog][WARNING] Unrecognized arguments\n${BLOCK}\n`
  t.is(vagrantHostBlock(noise, 'h1'), BLOCK)
  const inside = BLOCK.replace('  Port', '[fog][WARNING] again\n  Port')
  t.is(vagrantHostBlock(inside, 'h1'), BLOCK)
  t.is(vagrantHostBlock(BLOCK.replaceAll('\n', '\r\n'), 'h1'), BLOCK)
  const two = `${BLOCK}\n${BLOCK.replace('Host h1', 'Host h2').replace('2222', '2200')}`
  t.is(vagrantHostBlock(two, 'h1'), BLOCK)
  t.regex(vagrantHostBlock(two, 'h2') ?? '', /^Host h2\n(.*\n)+ {2}Port 2200\n/)
})

test('no block, another machine, or no address', (t) => {
  for (const text of ['', 'Host h1\n', BLOCK.replace('HostName', 'Nothing'), BLOCK.replace('h1', 'h11')]) {
    t.is(vagrantHostBlock(text, 'h1'), undefined)
  }
})

test('the file of an inventory comes before the user’s own', (t) => {
  t.deepEqual(including('/srv/my lab/ssh_config').split('\n').slice(0, 3), [
    'Include "/srv/my lab/ssh_config"',
    'Include ~/.ssh/config',
    'Include /etc/ssh/ssh_config',
  ])
  for (const path of ['/a"b', '/a\nProxyCommand id'])
    t.throws(() => including(path), { instanceOf: RunnerError })
})
