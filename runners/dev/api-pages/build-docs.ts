/**
 * `npm run docs [-- FOLDER]`: the handbook as FOLDER/handbook.html and the pages of the library below FOLDER/api,
 * `dist/docs` unless given.
 */
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeHandbook } from '../handbook.ts'
import { writeApiPages } from './write-api-pages.ts'

const folder = resolve(process.argv[2] ?? fileURLToPath(new URL('../../../dist/docs', import.meta.url)))
process.stdout.write(`${writeHandbook(folder)}\n`)
process.stdout.write(`${await writeApiPages(folder)}\n`)
