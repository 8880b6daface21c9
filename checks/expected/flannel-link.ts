/** The flannel link that a host has, for what is compared with it. */
import type { Unsure } from '../check.ts'
import type { Link } from '../model/link.ts'

export type VxlanLink = Link & { readonly vxlan: NonNullable<Link['vxlan']> }

/** Of a link that is absent nothing can be compared: `link/flannel` reports it. */
export function notThere(name: string): Unsure {
  return { unsure: `${name} is not there` }
}

/** The link of that name. */
export function flannelLink(links: readonly Link[], name: string): Link | Unsure {
  return links.find((link) => link.name === name) ?? notThere(name)
}

/** The same for what vxlan adds to a link, which old iproute2 does not print. */
export function withVxlan(link: Link | Unsure): VxlanLink | Unsure {
  if ('unsure' in link) return link
  const { vxlan } = link
  return vxlan ? { ...link, vxlan } : { unsure: `${link.name} shows no vxlan attributes` }
}
