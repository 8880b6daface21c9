/** Per-link kernel settings under net.ipv4.conf. */
import type { Sysctls } from '../../model/sysctl.ts'

/** A setting of a link, as it is read and as a person types it: sysctl(8) takes a slash for a dot inside a link's name. */
interface Names {
  readonly key: string
  readonly typed: string
}

/** By setting and link: every hop of a walk asks for some. */
const names = new Map<string, Map<string, Names>>()
/** More links are forgotten: those of containers come and go. */
const MOST_LINKS = 10_000

function namesOf(link: string, setting: string): Names {
  const known = names.get(setting)
  const byLink = known === undefined || known.size > MOST_LINKS ? new Map<string, Names>() : known
  if (byLink !== known) names.set(setting, byLink)
  const found = byLink.get(link) ?? {
    key: `net.ipv4.conf.${link}.${setting}`,
    typed: `net.ipv4.conf.${link.replaceAll('.', '/')}.${setting}`,
  }
  byLink.set(link, found)
  return found
}

/** The name as a person types it. */
export function linkSettingName(link: string, setting: string, of: 'conf' | 'neigh' = 'conf'): string {
  const { typed } = namesOf(link, setting)
  return of === 'conf' ? typed : typed.replace('.conf.', `.${of}.`)
}

/** The value of a link's setting, or of that of `all` links; undefined when it was not there or not read. */
export function linkSetting(sysctls: Sysctls, link: string, setting: string): string | undefined {
  return sysctls.get(namesOf(link, setting).key)
}
