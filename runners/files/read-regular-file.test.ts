import { mkdtempSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { run } from '../hosts/command/spawn.ts'
import { FileProblem, readRegularFile } from './read-regular-file.ts'

const folder = (): string => mkdtempSync(join(tmpdir(), 'read-'))

test('a file is read, directly and through a link where that is allowed', (t) => {
  const dir = folder()
  writeFileSync(join(dir, 'file'), 'content')
  symlinkSync('file', join(dir, 'link'))
  t.is(readRegularFile(join(dir, 'file')).toString(), 'content')
  t.is(readRegularFile(join(dir, 'link')).toString(), 'content')
  t.throws(() => readRegularFile(join(dir, 'link'), { followsLinks: false }), {
    instanceOf: FileProblem,
    message: 'is a symbolic link, no regular file',
  })
})

test('a file of /proc, whose size is 0, is read to its end', (t) => {
  t.regex(readRegularFile('/proc/self/status').toString(), /^Pid:/m)
})

test('a FIFO without a writer, a device and a folder are refused at once', async (t) => {
  const dir = folder()
  const fifo = join(dir, 'fifo')
  await run(['mkfifo', fifo])
  symlinkSync('/dev/zero', join(dir, 'zero'))
  for (const [path, message] of [
    [fifo, 'is a FIFO, no regular file'],
    ['/dev/zero', 'is a device, no regular file'],
    [join(dir, 'zero'), 'is a device, no regular file'],
    [dir, 'is a directory'],
    [join(dir, 'none'), 'no such file'],
  ] as const) {
    t.throws(() => readRegularFile(path), { instanceOf: FileProblem, message }, path)
  }
})

test('what is larger than the limit is refused before it is read, sparse files as well', (t) => {
  const file = join(folder(), 'sparse')
  writeFileSync(file, '')
  truncateSync(file, 2 ** 40)
  t.throws(() => readRegularFile(file), { message: /^larger than 67108864 bytes$/ })
  t.throws(() => readRegularFile('/proc/self/status', { mostBytes: 10 }), {
    message: /^larger than 10 bytes$/,
  })
})
