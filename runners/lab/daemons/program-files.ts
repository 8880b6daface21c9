/** Which files of this machine a program needs where nothing of this machine is: in an image. */
import { existsSync, readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { $ } from '../../hosts/command/zx.ts'

/** Shared libraries, as ldd(1) lists them; a program linked statically has none. */
async function librariesOf(programs: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await $`ldd ${programs} 2>/dev/null || true`
  return [...new Set(stdout.match(/(?<=[\s>])\/\S+(?= \()/g) ?? [])]
}

/** iptables opens its extensions by name: they lie in a directory beside its library. */
function iptablesExtensions(libraries: readonly string[]): readonly string[] {
  const folders = new Set(libraries.filter((path) => path.includes('/libxtables.')).map(dirname))
  return [...folders].flatMap((folder) => {
    const extensions = `${folder.replace(/^\/lib/, '/usr/lib')}/xtables`
    return existsSync(extensions) ? readdirSync(extensions).map((name) => `${extensions}/${name}`) : []
  })
}

/** Libraries, extensions and tables of names that those programs open. */
export async function filesOfPrograms(programs: readonly string[]): Promise<readonly string[]> {
  const libraries = await librariesOf(programs)
  const tables = ['/etc/protocols', '/etc/services'].filter((path) => existsSync(path))
  return [...libraries, ...iptablesExtensions(libraries), ...tables]
}
