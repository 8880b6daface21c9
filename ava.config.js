export default {
  extensions: ['ts'],
  files: ['checks/**/*.test.ts', 'fixtures/**/*.test.ts', 'reports/**/*.test.ts', 'runners/**/*.test.ts'],
  workerThreads: false,
  timeout: '5m',
}
