/** Links that NetworkManager and systemd-networkd know, and whether networkd removes routes of others. */
import type { LinkOwners, OwnedLink } from '../../../checks/model/link-owner.ts'
import { textLines } from '../section/rows.ts'
import type { FactCollector, Parsed } from '../section/section.ts'

/** networkd.conf(5): a later folder replaces a drop-in of the same name; the files are few and later lines win. */
const CONFIGURATION = [
  '/usr/lib/systemd/networkd.conf',
  '/etc/systemd/networkd.conf',
  ...['/usr/lib', '/run', '/etc'].map((folder) => `${folder}/systemd/networkd.conf.d/*.conf`),
].join(' ')

/** Asked only where the service runs: each leaves its folder in /run. */
const SCRIPT = `if [ -n "$SHARED_FILES" ]; then echo shared; exit 0; fi
echo read
if [ -d /run/NetworkManager ] && command -v nmcli >/dev/null; then
  nmcli -t -f DEVICE,STATE device 2>/dev/null | sed 's/^/nm=/'
fi
if [ -d /run/systemd/netif ] && command -v networkctl >/dev/null; then
  networkctl list --all --no-legend --no-pager 2>/dev/null | sed 's/^/networkd=/'
  for f in ${CONFIGURATION}; do
    [ -f "$f" ] && [ -r "$f" ] && sed -n 's/^[[:space:]]*ManageForeignRoutes[[:space:]]*=[[:space:]]*/foreign=/p' "$f"
  done
fi
exit 0`

/** systemd.syntax(7), boolean values. */
const NO = /^(0|no|n|false|f|off)$/i

/** Columns IDX LINK TYPE OPERATIONAL SETUP; the first may carry a bullet. */
function networkdLink(text: string): readonly OwnedLink[] {
  const [, link, state] = /^\W*\d+\s+(\S+)\s+\S+\s+\S+\s+([a-z]+)\s*$/.exec(text) ?? []
  return link === undefined || state === undefined ? [] : [{ link, state }]
}

/** `DEVICE:STATE`; nmcli -t escapes a colon inside a name. */
function networkManagerLink(text: string): readonly OwnedLink[] {
  const [, link, state] = /^((?:[^:\\]|\\.)+):(.+)$/.exec(text) ?? []
  return link === undefined || state === undefined ? [] : [{ link: link.replaceAll(/\\(.)/g, '$1'), state }]
}

function parse(text: string): Parsed<LinkOwners> {
  const [first, ...lines] = textLines(text)
  if (first === 'shared')
    return { problem: { why: 'not-applicable', detail: 'its services are those of the machine it shares' } }
  if (first !== 'read') return { problem: { why: 'unparsable', detail: 'no line read' } }
  const of = (key: string): readonly string[] =>
    lines.flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []))
  const foreign = of('foreign').at(-1)
  return {
    value: {
      networkManager: of('nm').flatMap(networkManagerLink),
      networkd: of('networkd').flatMap(networkdLink),
      ...(foreign !== undefined && { manageForeignRoutes: !NO.test(foreign.trim()) }),
    },
  }
}

export const linkOwners: FactCollector<'linkOwners'> = {
  fact: 'linkOwners',
  command: 'nmcli device; networkctl list --all',
  isRecent: true,
  script: () => SCRIPT,
  parse: ({ stdout }) => parse(stdout),
}
