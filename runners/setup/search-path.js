/** Where commands are looked for: the machine's own directories, never the packages' ones. */
import { accessSync, constants, statSync } from 'node:fs'

/**
 * The search path without `node_modules/.bin` and with the system directories that a plain
 * user's path lacks. npm puts `node_modules/.bin` first, and a package there installs a command
 * named `nft` that would hide the kernel's firewall tool.
 */
export function commandSearchPath(path = '') {
  const kept = path
    .split(':')
    .filter((dir) => dir !== '' && !/\/node_modules\/(\.bin|.*node-gyp-bin)\/?$/.test(dir))
  for (const dir of ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin']) {
    if (!kept.includes(dir)) kept.push(dir)
  }
  return kept.join(':')
}

/** True for a file that this user may run. */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** The file that a command name runs, or undefined. */
export function commandPath(name, path = commandSearchPath(process.env.PATH)) {
  return path
    .split(':')
    .map((dir) => `${dir}/${name}`)
    .find(isExecutable)
}
