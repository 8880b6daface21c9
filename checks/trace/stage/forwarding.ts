/** The forwarding switch of a link. */
import { present } from '../../model/present.ts'
import { linkSetting, linkSettingName } from '../lookup/link-setting.ts'
import type { HostView } from '../walk/world.ts'

/** Whether the host forwards what comes by the link; undefined when it was not read. */
export function forwards(
  { sysctls }: HostView,
  link: string,
): { readonly name: string; readonly value?: string } {
  const own = linkSetting(sysctls, link, 'forwarding')
  if (own !== undefined && !(own === '0' && sysctls.get('net.ipv4.ip_forward') === '0'))
    return { name: linkSettingName(link, 'forwarding'), value: own }
  const all = sysctls.get('net.ipv4.ip_forward')
  return { name: 'net.ipv4.ip_forward', ...present({ value: all }) }
}
