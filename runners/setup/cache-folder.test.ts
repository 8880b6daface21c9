import { chmodSync, chownSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { needs } from '../test-needs.ts'
import { cacheFolder, isOursAlone } from './cache-folder.js'

const NOBODY = 65_534
const folder = (): string => mkdtempSync(join(tmpdir(), 'cache-'))
const OWN = join(userInfo().homedir, '.cache', 'flannel-doctor')

test('a cache of our own is used, below XDG_CACHE_HOME before HOME', (t) => {
  const [xdg, home] = [folder(), folder()]
  t.is(cacheFolder({ XDG_CACHE_HOME: xdg, HOME: home }), join(xdg, 'flannel-doctor'))
  t.is(cacheFolder({ HOME: home }), join(home, '.cache', 'flannel-doctor'))
  t.is(cacheFolder({}), OWN)
  t.is(cacheFolder({ XDG_CACHE_HOME: 'relative' }), OWN)
})

test('a folder that others may write to is none', (t) => {
  const dir = folder()
  chmodSync(dir, 0o777)
  t.false(isOursAlone(join(dir, 'x')))
  t.is(cacheFolder({ XDG_CACHE_HOME: dir }), OWN)
  mkdirSync(join(dir, 'x'), { mode: 0o700 })
  t.false(isOursAlone(join(dir, 'x', 'y')))
})

test('a folder that cannot be looked at is none, and ends nothing', (t) => {
  const loop = join(folder(), 'loop')
  symlinkSync(loop, loop)
  t.false(isOursAlone(join(loop, 'x')))
  t.is(cacheFolder({ XDG_CACHE_HOME: loop }), OWN)
})

needs(test, 'root')('root does not use the cache of another user, nor one that was laid in its own', (t) => {
  const theirs = folder()
  chownSync(theirs, NOBODY, NOBODY)
  t.is(cacheFolder({ HOME: theirs }), OWN)
  const ours = folder()
  mkdirSync(join(ours, 'flannel-doctor'))
  chownSync(join(ours, 'flannel-doctor'), NOBODY, NOBODY)
  t.is(cacheFolder({ XDG_CACHE_HOME: ours }), OWN)
})
