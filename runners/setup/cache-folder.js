/**
 * Where we keep what is executed later: built flanneld and compiled code. Root must not run what another user can
 * replace, so a cache counts only where it and every folder above it belong to us or to root and nobody else may write.
 */
import { statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'

const OTHERS_WRITE = 0o022
const STICKY = 0o1000

/** True where others may write; in a folder like /tmp nobody replaces what is another's. */
function isShared(stats) {
  const isSticky = stats.isDirectory() && (stats.mode & STICKY) !== 0
  return (stats.mode & OTHERS_WRITE) !== 0 && !isSticky
}

/**
 * True where this one file or folder is not there, or belongs to that user or to root and nobody else may write. One that
 * we may not look at (HOME is root's after setpriv) cannot be told to be ours.
 */
function isAloneAt(path, user) {
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats === undefined) return true
    return (stats.uid === user || stats.uid === 0) && !isShared(stats)
  } catch {
    return false
  }
}

/** True where nobody but this user and root can put something at `path` or replace it. */
export function isOursAlone(path) {
  const us = process.getuid?.()
  if (us === undefined) return true
  for (let at = path; ; at = dirname(at)) {
    if (!isAloneAt(at, us)) return false
    if (at === dirname(at)) return true
  }
}

/** Our folder below XDG_CACHE_HOME or HOME where they are ours alone, else below the home of this user's account. */
export function cacheFolder(environment = process.env) {
  const { XDG_CACHE_HOME, HOME } = environment
  const named = [XDG_CACHE_HOME, HOME && join(HOME, '.cache')].filter((path) => path?.startsWith('/'))
  const chosen = named.find((path) => isOursAlone(join(path, 'flannel-doctor')))
  return join(chosen ?? join(userInfo().homedir, '.cache'), 'flannel-doctor')
}
