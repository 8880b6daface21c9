import { appendFileSync, chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { keepWithChecksum, verifyChecksum } from './checksum.js'

function kept(): string {
  const folder = mkdtempSync(join(tmpdir(), 'checksum-'))
  const [built, path] = [join(folder, 'built'), join(folder, 'flanneld')]
  writeFileSync(built, 'a program', { mode: 0o755 })
  keepWithChecksum(built, path)
  return path
}

test('a program that was changed after it was kept is refused', (t) => {
  const path = kept()
  t.regex(readFileSync(`${path}.sha256`, 'utf8'), /^[0-9a-f]{64} {2}flanneld\n$/)
  t.notThrows(() => verifyChecksum(path))
  appendFileSync(path, '.')
  t.throws(() => verifyChecksum(path), {
    message: /flanneld is not the program that was kept: expected SHA-256 /,
  })
})

test('of two that are built at once the first stays', (t) => {
  const path = kept()
  const other = `${path}.other`
  writeFileSync(other, 'another build')
  keepWithChecksum(other, path)
  t.is(readFileSync(path, 'utf8'), 'a program')
  t.notThrows(() => verifyChecksum(path))
})

test('of two that are built at once the second is used only when the first is as it was kept', (t) => {
  const path = kept()
  writeFileSync(`${path}.other`, 'another build')
  appendFileSync(path, '.')
  t.throws(() => keepWithChecksum(`${path}.other`, path), { message: /is not the program that was kept/ })
})

test('a file that nobody can run makes room for the program that was built', (t) => {
  const path = kept()
  chmodSync(path, 0o644)
  writeFileSync(`${path}.other`, 'another build', { mode: 0o755 })
  keepWithChecksum(`${path}.other`, path)
  t.is(readFileSync(path, 'utf8'), 'another build')
  t.notThrows(() => verifyChecksum(path))
})

test('a program without a checksum gets one, and is refused once it changes', (t) => {
  const path = join(mkdtempSync(join(tmpdir(), 'checksum-')), 'flanneld')
  writeFileSync(path, 'older')
  verifyChecksum(path)
  t.true(existsSync(`${path}.sha256`))
  writeFileSync(path, 'other')
  t.throws(() => verifyChecksum(path))
})
