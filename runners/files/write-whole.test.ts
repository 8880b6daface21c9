import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { open, run } from '../hosts/command/spawn.ts'
import { InputError } from '../input-error.ts'
import { needs } from '../test-needs.ts'
import { writeWhole } from './write-whole.ts'

const MODULE = fileURLToPath(new URL('write-whole.ts', import.meta.url))
const NOBODY = 65_534
const folder = (): string => mkdtempSync(join(tmpdir(), 'write-'))
const modeOf = (path: string): number => statSync(path).mode & 0o777

test('a new file is private, a replaced one keeps its mode, and nothing stays beside it', async (t) => {
  const dir = folder()
  const file = join(dir, 'report.json')
  await writeWhole(file, 'one')
  t.is(modeOf(file), 0o600)
  chmodSync(file, 0o640)
  await writeWhole(file, 'two')
  t.is(modeOf(file), 0o640)
  t.is(readFileSync(file, 'utf8'), 'two')
  t.deepEqual(readdirSync(dir), ['report.json'])
})

test('what a killed run left beside the file is removed by the next one, and nothing else', async (t) => {
  const dir = folder()
  const file = join(dir, 'report.json')
  const random = '0123456789abcdef01'
  const left = `.report.json.${random}`
  const others = [
    `.other.json.${random}`,
    '.report.json.swp',
    `.report.json.${random}0`,
    `report.json.${random}`,
  ]
  const long = new Date(Date.now() - 2 * 3_600_000)
  for (const name of [left, ...others]) {
    writeFileSync(join(dir, name), '')
    utimesSync(join(dir, name), long, long)
  }
  const written = `.report.json.${'f'.repeat(18)}`
  writeFileSync(join(dir, written), 'of a run that still writes')
  await writeWhole(file, 'new')
  t.deepEqual(readdirSync(dir), [...others, written, 'report.json'].toSorted())
})

needs(test, 'root')('what another user laid under such a name stays', async (t) => {
  const dir = folder()
  const theirs = join(dir, '.report.json.0123456789abcdef01')
  writeFileSync(theirs, '')
  chownSync(theirs, NOBODY, NOBODY)
  utimesSync(theirs, 0, 0)
  await writeWhole(join(dir, 'report.json'), 'new')
  t.true(existsSync(theirs))
})

test('a name of as many octets as there may be is written', async (t) => {
  const dir = folder()
  const file = join(dir, '報'.repeat(85))
  await writeWhole(file, 'new')
  await writeWhole(file, 'newer')
  t.is(readFileSync(file, 'utf8'), 'newer')
})

test('a symbolic link is written through and stays one', async (t) => {
  const dir = folder()
  writeFileSync(join(dir, 'real'), 'old')
  symlinkSync('real', join(dir, 'link'))
  await writeWhole(join(dir, 'link'), 'new')
  t.true(lstatSync(join(dir, 'link')).isSymbolicLink())
  t.is(readFileSync(join(dir, 'real'), 'utf8'), 'new')
  symlinkSync('nowhere', join(dir, 'dangling'))
  await t.throwsAsync(writeWhole(join(dir, 'dangling'), 'x'), {
    instanceOf: InputError,
    message: /link to nothing/,
  })
  t.false(existsSync(join(dir, 'nowhere')))
})

test('a FIFO gets the whole content, however slowly it is read, and stays one', async (t) => {
  const fifo = join(folder(), 'fifo')
  await run(['mkfifo', fifo])
  const content = 'x'.repeat(300_000)
  const reader = await open(['sh', '-c', 'sleep 0.3; exec cat <"$1"', 'sh', fifo])
  const [, read] = await Promise.all([
    writeWhole(fifo, content),
    (async () => {
      let size = 0
      for await (const chunk of reader.stdout) size += chunk.length
      return size
    })(),
  ])
  t.is(read, content.length)
  t.true(lstatSync(fifo).isFIFO())
})

test('a device is written to and stays one; what it refuses is said with its reason', async (t) => {
  await writeWhole('/dev/null', 'x')
  t.true(lstatSync('/dev/null').isCharacterDevice())
  await t.throwsAsync(writeWhole('/dev/full', 'x'), {
    instanceOf: InputError,
    message: 'cannot write /dev/full: no space left on the device (ENOSPC)',
  })
  t.true(lstatSync('/dev/full').isCharacterDevice())
})

for (const [path, says] of [
  ['/proc/none', /no such folder \(ENOENT\)/],
  [join(import.meta.dirname, 'none', 'report'), /no such folder \(ENOENT\)/],
  ['/dev/null/report', /no such folder \(ENOTDIR\)/],
  [tmpdir(), /it is a folder/],
] as const) {
  test(`${path} cannot be written, in one line`, async (t) => {
    await t.throwsAsync(writeWhole(path, 'x'), { instanceOf: InputError, message: says })
  })
}

needs(test, 'root')(
  'a link, a file or a FIFO that another user laid is no way to files of root',
  async (t) => {
    const dir = folder()
    chmodSync(dir, 0o755)
    const precious = join(dir, 'precious')
    writeFileSync(precious, 'precious')
    const shared = join(dir, 'shared')
    const home = join(dir, 'home')
    await run(['mkdir', shared, home])
    chmodSync(shared, 0o1777)
    chownSync(home, NOBODY, NOBODY)
    for (const place of [shared, home]) {
      const laid = await run([
        'setpriv',
        '--reuid',
        `${NOBODY}`,
        '--clear-groups',
        'ln',
        '-s',
        precious,
        join(place, 'link'),
      ])
      t.deepEqual(laid.end, { exit: 0 })
      await t.throwsAsync(writeWhole(join(place, 'link'), 'x'), { instanceOf: InputError }, place)
    }
    writeFileSync(join(shared, 'file'), 'theirs')
    chownSync(join(shared, 'file'), NOBODY, NOBODY)
    await run(['mkfifo', join(shared, 'fifo')])
    chownSync(join(shared, 'fifo'), NOBODY, NOBODY)
    for (const name of ['file', 'fifo'])
      await t.throwsAsync(writeWhole(join(shared, name), 'x'), { message: /belongs to another user/ }, name)
    t.is(readFileSync(precious, 'utf8'), 'precious')
    t.is(readFileSync(join(shared, 'file'), 'utf8'), 'theirs')
  },
)

needs(
  test,
  'root',
  'netns',
)('a full disk leaves the old file and nothing else', async (t) => {
  const dir = folder()
  const script = `mount -t tmpfs -o size=64k none "$1" && echo old >"$1/report" || exit 9
"$2" --input-type=module -e "
  const { writeWhole } = await import('$3')
  await writeWhole('$1/report', 'x'.repeat(1_000_000)).catch((error) => console.log(error.message))"
ls -A "$1"; cat "$1/report"`
  const { stdout } = await run(['unshare', '-m', 'sh', '-c', script, 'sh', dir, process.execPath, MODULE])
  t.is(
    Buffer.from(stdout).toString(),
    `cannot write ${dir}/report: no space left on the device (ENOSPC)\nreport\nold\n`,
  )
})
