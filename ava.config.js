import { commandSearchPath } from './runners/setup/search-path.js'

export default {
  extensions: ['ts'],
  files: ['checks/**/*.test.ts', 'fixtures/**/*.test.ts', 'reports/**/*.test.ts', 'runners/**/*.test.ts'],
  workerThreads: false,
  timeout: '5m',
  // npm's path would hide the kernel's nft behind a package's command of that name.
  environmentVariables: { PATH: commandSearchPath(process.env.PATH) },
}
