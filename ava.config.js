import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { leftOut } from './runners/dev/together/pure-tests.ts'
import { commandSearchPath } from './runners/setup/search-path.js'

/** Minutes alone: they begin early, so that none is at work when all others have ended. */
const LONGEST = [
  'runners/conformance/scenarios/scenarios-broken.test.ts',
  'runners/lab/docker/docker-lab.test.ts',
  'runners/conformance/scenarios/scenarios-live.test.ts',
  'runners/lab/matrix/variants.test.ts',
  'runners/lab/recording/record-faults.test.ts',
  'runners/lab/matrix/matrix.test.ts',
  'runners/lab/build/lab.test.ts',
  'runners/cli/commands/trace-live-unseen.test.ts',
  'runners/dev/together/reports.test.ts',
  'fixtures/matrix.test.ts',
]

/** A place from 0 up to below 1, the same in every run. By name all that compute would come first and all that wait last. */
function place(file) {
  const at = LONGEST.findIndex((name) => file.endsWith(name))
  if (at >= 0) return at / LONGEST.length / 2
  let mixed = 0
  for (const letter of file.slice(import.meta.dirname.length)) {
    mixed = Math.imul(mixed ^ letter.charCodeAt(0), 0x01_00_01_93)
    mixed ^= mixed >>> 15
  }
  return (mixed >>> 0) / 2 ** 32
}

/** No file is named on AVA's command line. */
const isWhole = process.argv.slice(2).every((word) => word.startsWith('-'))

export default {
  extensions: ['ts'],
  files: [
    ...['checks/**/*.test.ts', 'fixtures/**/*.test.ts', 'reports/**/*.test.ts', 'runners/**/*.test.ts'],
    '!runners/lab/kubernetes/*.test.ts', // ava.kubernetes.config.js
    ...leftOut(isWhole),
  ],
  // Live tests wait for daemons: on two cores a third file beside them took the run from 795 to 688 s.
  concurrency: Math.max(3, availableParallelism()),
  // Mixed, so that what computes runs beside what waits.
  workerThreads: false,
  timeout: '5m',
  sortTestFiles: (one, other) => place(one) - place(other),
  environmentVariables: {
    // npm's path would hide the kernel's nft behind a package's command of that name.
    PATH: commandSearchPath(process.env.PATH),
    // Each test file is a process of its own: a quarter of the time of a short one goes into compiling what all load.
    NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/compile', import.meta.url)),
  },
}
