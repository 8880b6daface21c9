/** IPv4 and IPv6 addresses of the links: `ip addr`. */
import { parseAddress } from '../../../checks/model/address.ts'
import type { LinkAddress } from '../../../checks/model/link.ts'
import { numberField, parseRows, type Row, rowsField, textField } from '../section/rows.ts'
import type { FactCollector } from '../section/section.ts'
import { blockName, linkBlocks } from './link-text.ts'

interface AddressFields {
  readonly link: string
  readonly family: string
  readonly address: string
  readonly length: number
  readonly scope: string
  readonly isDuplicate?: true
}

/** Link addresses of one family each; other families (`link`, `mpls`) are left out. */
function linkAddress({ family, ...fields }: AddressFields): readonly LinkAddress[] {
  if (family === 'inet6') return [{ family, ...fields }]
  const address = parseAddress(fields.address)
  if (family !== 'inet' || address === undefined) return []
  return [{ family, ...fields, prefix: { address, length: fields.length } }]
}

/** Addresses of `ip -j addr` rows. With a point-to-point peer `local` is still the link's own address. */
export function addressesFromRows(rows: readonly Row[]): readonly LinkAddress[] {
  return rows.flatMap((row) =>
    rowsField(row, 'addr_info').flatMap((entry) =>
      linkAddress({
        link: textField(row, 'ifname') ?? '',
        family: textField(entry, 'family') ?? '',
        address: textField(entry, 'local') ?? '',
        length: numberField(entry, 'prefixlen') ?? 0,
        scope: textField(entry, 'scope') ?? '',
        ...(entry.dadfailed === true && { isDuplicate: true }),
      }),
    ),
  )
}

const LINE = /^\s+(inet6?) ([^\s/]+)(?: peer [^\s/]+)?(?:\/(\d+))?.* scope (\S+)/

function addressesFromText(text: string): readonly LinkAddress[] {
  return linkBlocks(text).flatMap(({ head, lines }) =>
    lines.flatMap((line) => {
      const [, family = '', address = '', length, scope = ''] = LINE.exec(line) ?? []
      const whole = family === 'inet' ? 32 : 128
      return linkAddress({
        link: blockName(head),
        family,
        address,
        length: length === undefined ? whole : Number(length),
        scope,
        ...(/ dadfailed\b/.test(line) && { isDuplicate: true }),
      })
    }),
  )
}

export const addresses: FactCollector<'addresses'> = {
  fact: 'addresses',
  command: 'ip addr show',
  script: () => 'ip -j addr show 2>/dev/null || ip addr show',
  parse: ({ stdout }) => {
    const rows = parseRows(stdout)
    return { value: rows === undefined ? addressesFromText(stdout) : addressesFromRows(rows) }
  },
}
