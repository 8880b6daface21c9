/** Per-link kernel settings under net.ipv4.conf that decide about forwarded packets. */
import type { Sysctls } from '../../model/sysctl.ts'

type LinkSetting = 'forwarding' | 'rp_filter'

/** The name as a person types it: sysctl(8) takes a slash for a dot inside a link's name. */
export function linkSettingName(link: string, setting: string): string {
  return `net.ipv4.conf.${link.replaceAll('.', '/')}.${setting}`
}

/** The value of a link's setting; undefined when it was not there or not read. */
export function linkSetting(sysctls: Sysctls, link: string, setting: LinkSetting): string | undefined {
  return sysctls.get(`net.ipv4.conf.${link}.${setting}`)
}
