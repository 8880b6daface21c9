import { loadTogether } from './load-together.ts'

await loadTogether('checks')
