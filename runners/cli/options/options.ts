/** Options that several commands share, and what they mean. */
import { type Command, Option } from 'commander'
import type { OutputFlags, RedactFlag } from './flags.ts'
import { collect, commaList, positive, wholeNumber } from './option-values.ts'
import type { CommandOutput, OutputOptions, Say } from './output.ts'
import type { ProgressScreen } from './progress.ts'

/** What the process lends to a command. */
export interface Surroundings {
  readonly say: Say
  readonly signal: AbortSignal
  readonly terminal: { readonly tty: boolean; readonly width: number; readonly env: NodeJS.ProcessEnv }
  /** Where progress is shown. */
  readonly screen?: ProgressScreen
  readonly finish: (output: Promise<CommandOutput>) => Promise<void>
}

const portNumber = wholeNumber(1, 65_535, 'a port,')

/** A port of one protocol; a TCP connection begins with a packet of a size of its own. */
export function portOption(protocol: 'tcp' | 'udp', words: string): Option {
  const others = protocol === 'tcp' ? ['udp', 'size'] : ['tcp']
  return new Option(`--${protocol} <port>`, words).argParser(portNumber).conflicts(others)
}

const CONFIG = '--config <file>'

/** Where defaults and waivers are read; a command without an inventory has none unless it is named. */
export function addConfig(command: Command, unlessNamed = ''): Command {
  return command.option(CONFIG, `defaults of flags, and waivers${unlessNamed}`)
}

/** True for the option that `addConfig` adds; that of `lab up` is a network configuration. */
export const isConfig = ({ flags }: Option): boolean => flags === CONFIG

/** Whose checks, facts, clauses, faults and formats are used besides ours. */
export function addPlugins(command: Command): Command {
  return command.option(
    '--plugin <package|file>',
    'also use the checks, facts and formats of a plugin; its code runs with your rights (repeatable)',
    collect,
  )
}

/** True for the option that `addPlugins` adds. */
export const isPlugin = ({ long }: Option): boolean => long === '--plugin'

/** For everybody whom the addresses and names of a network are nothing to. */
export const REDACT = [
  '--redact',
  'replace addresses, MACs and names, each by the same other one everywhere',
] as const

/** Looks go on; each that finds something new is confirmed by another. */
export const WATCH = new Option(
  '--watch [seconds]',
  'go on: look again every so many seconds and when leases change, print what changed; implies --confirm',
)
  .preset(60)
  .argParser(positive)
  .conflicts(['save', 'redact'])

/** The options that say which hosts and which etcd. */
export function addTargets(command: Command): Command {
  return addConfig(command, ' (default: flannel-doctor.yaml beside the inventory)')
    .option(
      '--host <url>',
      'a host: local:, ssh://[user@]host, docker://CONTAINER, netns://NAME, vagrant://MACHINE or kubectl://NODE (repeatable)',
      collect,
    )
    .option(
      '--from-leases <url>',
      'every lease is a host, reached by ssh://[user@]{publicIp}[:port] (read from etcd or the cluster)',
    )
    .option('--inventory <file>', 'YAML or JSON file that names etcd and hosts')
    .addOption(
      new Option('--etcd <urls>', 'etcd endpoints, separated by commas; HOST alone is port 2379').conflicts([
        'kubeconfig',
        'context',
      ]),
    )
    .option('--etcd-prefix <path>', "flannel's prefix (default /coreos.com/network)")
    .addOption(new Option('--etcd-api <api>', 'which etcd API').choices(['auto', 'v2', 'v3']))
    .option('--etcd-ca <file>', 'certificate authority')
    .option('--etcd-cert <file>', 'client certificate')
    .option('--etcd-key <file>', 'client key')
    .option('--kubeconfig <file>', 'kubeconfig of the cluster whose nodes are the leases, in place of etcd')
    .option('--context <name>', "the kubeconfig's context (default: its current one)")
    .option('--etcd-user <name[:password]>', 'etcd user; the password may also come from ETCDCTL_USER')
    .option('--subnet-file <file>', "flannel's subnet file (default /run/flannel/subnet.env)")
    .option(
      '--deadline <seconds>',
      'end the whole run after this time (default 120, from 100 hosts on half a second more for each; 1800 where conformance acts)',
      positive,
    )
    .option('--progress', 'say on standard error how far it is, where that is no terminal')
    .option(
      '--concurrency <n>',
      'hosts collected at the same time (default: 16 for each core of this machine, 8 to 128)',
      positive,
    )
}

/** How far the run may go. */
export function addLevels(command: Command): Command {
  return command
    .option('--read-only', 'only read (the default)')
    .addOption(
      new Option(
        '--probe',
        'also send pings through overlay and underlay, and follow a few of those that are lost',
      ).conflicts('readOnly'),
    )
    .addOption(
      new Option(
        '--confirm',
        'look a second time where something was found; what is gone then is transient and does not count',
      ).conflicts('redact'),
    )
}

/** Which checks run and which findings count. */
export function addSelection(command: Command): Command {
  return command
    .option('--only <names>', 'checks, layers or finding codes to keep, separated by commas', commaList)
    .option('--skip <names>', 'checks, layers or finding codes to leave out', commaList)
    .addOption(
      new Option('--fail-on <severity>', 'exit 1 from this severity on')
        .choices(['critical', 'warning', 'info'])
        .default('warning'),
    )
}

/** How the report is rendered. */
export function addOutput(command: Command): Command {
  return command
    .option(
      '--format <name[=file]>',
      'text, json, junit, … to stdout or a file (repeatable; all: list reporters)',
      collect,
    )
    .addOption(
      new Option('--color <when>', 'colour on stdout').choices(['auto', 'always', 'never']).default('auto'),
    )
    .option('--quiet', 'print nothing when healthy')
}

/** Columns that the user names count; otherwise the terminal's, within what can be read. */
function widthOf({ width, env }: Surroundings['terminal']): number {
  const named = Number(env.COLUMNS)
  return Number.isInteger(named) && named > 0
    ? Math.min(Math.max(named, 40), 500)
    : Math.min(Math.max(width, 60), 160)
}

/** NO_COLOR (no-color.org) and FORCE_COLOR as Node itself reads them; `--color` wins over both. */
function isColoured({ color }: OutputFlags, { tty, env }: Surroundings['terminal']): boolean {
  if (color === 'always' || color === 'never') return color === 'always'
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  return tty && !env.NO_COLOR && env.TERM !== 'dumb'
}

/** Formats, colour and width out of the flags, and whether strangers will read it. */
export function outputOptions(flags: OutputFlags & RedactFlag, { terminal }: Surroundings): OutputOptions {
  const usual = terminal.env.GITHUB_ACTIONS === 'true' ? ['text', 'github'] : []
  return {
    formats: flags.format ?? usual,
    color: isColoured(flags, terminal),
    width: widthOf(terminal),
    quiet: flags.quiet === true,
    redact: flags.redact === true,
  }
}
