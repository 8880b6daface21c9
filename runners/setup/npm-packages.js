/** Installs the npm packages of package-lock.json where they are missing or of another version. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { commandSearchPath } from './search-path.js'

const OPTIONS = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {}
  } catch {
    return undefined
  }
}

/** The first package that is not installed as the lock file says, or undefined when all are. */
export function stalePackage(root) {
  const wanted = readPackages(`${root}package-lock.json`) ?? {}
  const installed = readPackages(`${root}node_modules/.package-lock.json`)
  if (installed === undefined) return 'node_modules'
  for (const [path, { version, optional }] of Object.entries(wanted)) {
    if (path === '') continue
    const found = installed[path]
    if (found === undefined ? !optional : found.version !== version) return path
  }
  return undefined
}

function npm(root, args) {
  // npm must not run on the Node that it is about to replace.
  const env = { ...process.env, PATH: commandSearchPath(process.env.PATH) }
  const { status, error } = spawnSync('npm', args, { cwd: root, env, stdio: ['ignore', 2, 2] })
  return error === undefined && status === 0
}

/** Makes node_modules match the lock file. Returns false when npm could not. */
export function ensureNpmPackages(root, log) {
  const stale = stalePackage(root)
  if (stale !== undefined) {
    log(`installing npm packages (${stale} is not as package-lock.json says); this takes about half a minute`)
    const installed =
      npm(root, ['ci', ...OPTIONS]) || npm(root, ['ci', ...OPTIONS]) || npm(root, ['install', ...OPTIONS])
    if (!installed) return false
  }
  return true
}
