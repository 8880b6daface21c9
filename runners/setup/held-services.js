/**
 * Installs packages without starting their daemons, now or at the next boot: etcd would take port 2379 and Docker would
 * rewrite the firewall of this machine. However the set-up ends, nothing of it changes what anybody else installs.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** apt-get and what it starts carry this variable; only for them the policy says no. */
export const SETUP_VARIABLE = 'FLANNEL_DOCTOR_SETUP'
const MARK = '# written by the set-up of flannel-doctor'
/** See invoke-rc.d(8): 101 forbids, 0 allows. Left behind by a killed set-up, it forbids nothing to anybody. */
const POLICY_TEXT = `#!/bin/sh
${MARK}; it only holds back what that set-up installs
[ -z "$${SETUP_VARIABLE}" ] || exit 101
exit 0
`
/** How long one set-up waits for another. */
const WAIT_MS = 30 * 60_000
const POLL_MS = 500

/** Where things are; tests have a root of their own. */
const places = (root) => ({
  policy: join(root, 'usr/sbin/policy-rc.d'),
  lock: join(root, 'run/flannel-doctor-setup'),
  units: join(root, 'etc/systemd/system'),
  etc: join(root, 'etc'),
})

function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

function readNote(lock) {
  try {
    return JSON.parse(readFileSync(join(lock, 'note'), 'utf8'))
  } catch {
    return undefined // its maker was killed before it was written, or has just gone
  }
}

/** Links that start something at boot: systemd's `*.wants` and the start links of init scripts. */
function startLinks({ units, etc }) {
  const below = (folder, chosen) =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter(chosen)
          .map((name) => join(folder, name))
      : []
  const wanted = below(units, (name) => /\.(wants|requires)$/.test(name)).flatMap((folder) =>
    below(folder, () => true),
  )
  const levels = below(etc, (name) => /^rc[2-5S]\.d$/.test(name)).flatMap((folder) =>
    below(folder, (name) => /^S\d/.test(name)),
  )
  return [...wanted, ...levels]
}

const DAEMON = /^(S\d\d)?(etcd|docker|containerd|ssh|sshd)(\.service|\.socket)?$/

/** Daemons that start at boot now and did not before, by the names of their links. */
function newlyEnabled(where, before) {
  return startLinks(where).filter((link) => !before.includes(link) && DAEMON.test(link.split('/').at(-1)))
}

function disable(links, root) {
  for (const link of links) {
    const name = link.split('/').at(-1)
    // Debian's own command remembers the choice, so that an upgrade does not enable the unit again.
    if (root === '/' && /\.(service|socket)$/.test(name))
      spawnSync('deb-systemd-helper', ['disable', name], { timeout: 30_000 })
    else if (/^S\d\d/.test(name)) renameSync(link, link.replace(/\/S(\d\d[^/]*)$/, '/K$1'))
    rmSync(link, { force: true })
  }
}

/** What a set-up that is done, or was killed, has to put right. */
function finish(where, note, root) {
  const enabled = newlyEnabled(where, note.enabledBefore)
  disable(enabled, root)
  if (note.wrotePolicy) removePolicy(where)
  return [
    ...new Set(
      enabled.map((link) =>
        link
          .split('/')
          .at(-1)
          .replace(/^S\d\d/, ''),
      ),
    ),
  ]
}

function removePolicy({ policy }) {
  if (existsSync(policy) && readFileSync(policy, 'utf8').includes(MARK)) rmSync(policy, { force: true })
}

/** Takes the lock in one step: a folder with its note in it, made aside and renamed. Gives the note, or undefined. */
function tryLock(where) {
  const aside = `${where.lock}.${process.pid}`
  rmSync(aside, { recursive: true, force: true })
  mkdirSync(aside, { recursive: true, mode: 0o700 })
  const wrotePolicy = !existsSync(where.policy) || readFileSync(where.policy, 'utf8').includes(MARK)
  const note = {
    pid: process.pid,
    start: startOf(process.pid),
    wrotePolicy,
    enabledBefore: startLinks(where),
  }
  writeFileSync(join(aside, 'note'), JSON.stringify(note), { mode: 0o600 })
  try {
    renameSync(aside, where.lock) // fails where a folder that is not empty stands
    return note
  } catch {
    rmSync(aside, { recursive: true, force: true })
    return undefined
  }
}

function takeLock(where, root, log) {
  const until = Date.now() + WAIT_MS
  let said = false
  for (;;) {
    const note = tryLock(where)
    if (note !== undefined) return note
    const other = readNote(where.lock)
    if (other === undefined || startOf(other.pid) !== other.start) {
      if (other !== undefined) finish(where, other, root) // it was killed: its work is put right first
      rmSync(where.lock, { recursive: true, force: true })
      continue
    }
    if (Date.now() > until) throw new Error(`another set-up (process ${other.pid}) does not end`)
    if (!said) log(`waiting for another set-up (process ${other.pid})`)
    said = true
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS)
  }
}

/**
 * Runs `work`, which installs packages with the environment it is given, one set-up at a time. Whatever daemon its
 * packages enabled for the next boot is disabled again. After a signal it ends with 130, once that is done.
 */
export function withHeldServices(work, { log, root = '/' }) {
  const where = places(root)
  const note = takeLock(where, root, log)
  const leave = () => process.exit(130) // runs after the clean-up below: the work blocks until apt-get ends
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']
  for (const signal of signals) process.once(signal, leave)
  try {
    if (note.wrotePolicy) {
      mkdirSync(join(where.policy, '..'), { recursive: true })
      writeFileSync(`${where.policy}.new`, POLICY_TEXT, { mode: 0o755 })
      renameSync(`${where.policy}.new`, where.policy)
    } else log(`${where.policy} is there already and decides which services start`)
    return work({ ...process.env, [SETUP_VARIABLE]: '1' })
  } finally {
    const held = finish(where, note, root)
    if (held.length > 0) log(`${held.join(', ')} will not start at boot (systemctl enable NAME changes that)`)
    rmSync(where.lock, { recursive: true, force: true })
    setImmediate(() => {
      for (const signal of signals) process.off(signal, leave)
    })
  }
}
