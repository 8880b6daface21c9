import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { commandSearchPath } from './runners/setup/search-path.js'

export default {
  extensions: ['ts'],
  files: [
    ...['checks/**/*.test.ts', 'fixtures/**/*.test.ts', 'reports/**/*.test.ts', 'runners/**/*.test.ts'],
    '!runners/lab/kubernetes/*.test.ts', // ava.kubernetes.config.js
  ],
  // Live tests wait for daemons: on two cores a third file beside them took the run from 795 to 688 s.
  concurrency: Math.max(3, availableParallelism()),
  workerThreads: false,
  timeout: '5m',
  environmentVariables: {
    // npm's path would hide the kernel's nft behind a package's command of that name.
    PATH: commandSearchPath(process.env.PATH),
    // Each test file is a process of its own: a quarter of the time of a short one goes into compiling what all load.
    NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/compile', import.meta.url)),
  },
}
