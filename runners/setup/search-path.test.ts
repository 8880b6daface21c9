import test from 'ava'
import { commandPath, commandSearchPath } from './search-path.js'

test('commands of packages cannot hide those of the machine', (t) => {
  const path = commandSearchPath(
    '/a/node_modules/.bin:/usr/bin:/x/node_modules/npm/node_modules/node-gyp-bin:/opt/bin',
  )
  t.deepEqual(path.split(':').slice(0, 2), ['/usr/bin', '/opt/bin'])
  t.notRegex(path, /node_modules/)
})

test('the system directories are searched for a plain user too', (t) => {
  t.true(commandSearchPath('/usr/bin').split(':').includes('/usr/sbin'))
  t.true(commandSearchPath().split(':').includes('/bin'))
})

test('a command is a file that may be run', (t) => {
  t.regex(commandPath('sh') ?? '', /\/sh$/)
  t.is(commandPath('no-such-command'), undefined)
  t.is(commandPath('usr', '/'), undefined)
  t.is(commandPath('passwd', '/etc'), undefined)
})
