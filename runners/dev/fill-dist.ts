/** The last step of `npm run build`: puts beside the compiled files what they read at run time. */
import { cpSync, globSync } from 'node:fs'

const ROOT = new URL('../../', import.meta.url)
const READ_AT_RUN_TIME = ['package.json', 'checks/*/*.md', 'runners/setup/*.js']

for (const path of globSync(READ_AT_RUN_TIME, { cwd: ROOT.pathname })) {
  cpSync(new URL(path, ROOT), new URL(`dist/${path}`, ROOT))
}
