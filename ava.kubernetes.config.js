/** `npm run test:kubernetes`: tests on labs whose programs are built for minutes, once. */
import plain from './ava.config.js'

export default { ...plain, files: ['runners/lab/kubernetes/*.test.ts'] }
