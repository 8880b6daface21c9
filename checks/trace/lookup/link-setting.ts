/** Per-link kernel settings under net.ipv4.conf. */
import type { Sysctls } from '../../model/sysctl.ts'

/** The name as a person types it: sysctl(8) takes a slash for a dot inside a link's name. */
export function linkSettingName(link: string, setting: string, of: 'conf' | 'neigh' = 'conf'): string {
  return `net.ipv4.${of}.${link.replaceAll('.', '/')}.${setting}`
}

/** Keys by setting and link: every hop of a walk asks for some. */
const keys = new Map<string, Map<string, string>>()
/** More links are forgotten: those of containers come and go. */
const MOST_LINKS = 10_000

function keyOf(link: string, setting: string): string {
  const known = keys.get(setting)
  const byLink = known === undefined || known.size > MOST_LINKS ? new Map<string, string>() : known
  if (byLink !== known) keys.set(setting, byLink)
  const key = byLink.get(link) ?? `net.ipv4.conf.${link}.${setting}`
  byLink.set(link, key)
  return key
}

/** The value of a link's setting, or of that of `all` links; undefined when it was not there or not read. */
export function linkSetting(sysctls: Sysctls, link: string, setting: string): string | undefined {
  return sysctls.get(keyOf(link, setting))
}
