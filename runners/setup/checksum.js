/** The SHA-256 of a program that we keep, beside it as `sha256sum -c` reads it, and looked at before the program is run. */
import { createHash } from 'node:crypto'
import { existsSync, linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'

const checksumFile = (path) => `${path}.sha256`

function checksumOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

function writeChecksum(path) {
  const written = `${checksumFile(path)}.${process.pid}`
  writeFileSync(written, `${checksumOf(path)}  ${basename(path)}\n`, { mode: 0o644 })
  renameSync(written, checksumFile(path))
}

const isProgram = (path) => (statSync(path, { throwIfNoEntry: false })?.mode & 0o111) !== 0

/**
 * Puts a program that was built in its place. Of two that were built at once the first stays, with its checksum; what
 * nobody can run makes room. Throws where the one that stays is not as it was when it was kept.
 */
export function keepWithChecksum(built, path) {
  try {
    linkSync(built, path)
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    if (isProgram(path)) return verifyChecksum(path)
    renameSync(built, path)
    return writeChecksum(path)
  }
  rmSync(built)
  writeChecksum(path)
}

/**
 * Throws where a program is not as it was when it was kept: a disk that was full, or another hand. One that was kept
 * before checksums were has none and gets one, where we may write there.
 */
export function verifyChecksum(path) {
  if (!existsSync(checksumFile(path))) {
    try {
      writeChecksum(path)
    } catch {} // somebody else's cache
    return
  }
  const [expected] = readFileSync(checksumFile(path), 'utf8').split(' ')
  const found = checksumOf(path)
  if (found !== expected)
    throw new Error(
      `${path} is not the program that was kept: expected SHA-256 ${expected}, found ${found}; remove its folder, and it is made again`,
    )
}
