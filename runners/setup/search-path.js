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

/** The file that a command name runs, or undefined. */
export function commandPath(name, path = commandSearchPath(process.env.PATH)) {
  for (const dir of path.split(':')) {
    const file = `${dir}/${name}`
    try {
      accessSync(file, constants.X_OK)
      if (statSync(file).isFile()) return file
    } catch {
      // not in this directory
    }
  }
  return undefined
}
