/** Installs the flanneld versions that labs and tests run, with the Go toolchain where there is one. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { cachedFlanneld, DEFAULT_VERSION, installDockerScript, installFlanneld } from './flanneld.js'
import { commandPath } from './search-path.js'

/** True when a flanneld serves this machine itself: one in our own network namespace, not a lab's. */
export function isFlanneldRunningHere() {
  const here = readlinkSync('/proc/self/ns/net')
  return readdirSync('/proc').some((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      if (!/^flanneld?$/.test(readFileSync(`/proc/${pid}/comm`, 'utf8').trim())) return false
      return readlinkSync(`/proc/${pid}/ns/net`) === here
    } catch {
      return false
    }
  })
}

/** The version that the lab of `npm start` runs, and all that the tests run. */
export const VERSIONS = { start: [DEFAULT_VERSION.v3], test: [DEFAULT_VERSION.v3, DEFAULT_VERSION.v2] }

/** True when that npm command will build a flanneld, in which the udp backend is C. */
export function buildsFlanneld(purpose) {
  const isMissing = (version) => !existsSync(cachedFlanneld(version))
  return commandPath('go') !== undefined && (VERSIONS[purpose] ?? VERSIONS.start).some(isMissing)
}

/** Installs the script that one test runs; one line where that fails. */
export async function ensureDockerScript(log) {
  try {
    await installDockerScript(DEFAULT_VERSION.v3)
  } catch (error) {
    log(`mk-docker-opts.sh is not fetched, so no test runs it: ${String(error.message).split('\n')[0]}`)
  }
}

/** Installs each version that is missing; one line where that fails. Labs need root, so others need none. */
export async function ensureFlanneld(versions, log) {
  if (process.getuid?.() !== 0) return
  for (const version of versions) {
    try {
      await installFlanneld(version, { log })
    } catch (error) {
      log(`flanneld ${version} is not installed, so no lab runs it: ${String(error.message).split('\n')[0]}`)
    }
  }
}
