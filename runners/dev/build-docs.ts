/** `npm run docs [-- FOLDER]`: the handbook as FOLDER/handbook.html, `dist/docs` unless given. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { handbook } from './handbook.ts'

const folder = resolve(process.argv[2] ?? fileURLToPath(new URL('../../dist/docs', import.meta.url)))
mkdirSync(folder, { recursive: true })
const file = join(folder, 'handbook.html')
writeFileSync(file, handbook())
process.stdout.write(`${file}\n`)
