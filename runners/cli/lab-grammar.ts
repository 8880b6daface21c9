/** `lab …`: the grammar of the rehearsal networks. */
import { type Command, Option } from 'commander'
import type {
  LabDownFlags,
  LabFlags,
  LabInjectFlags,
  LabMatrixFlags,
  LabStatusFlags,
  LabUpFlags,
  LabVersionsFlags,
} from './options/flags.ts'
import { collect, commaList, positive, upTo } from './options/option-values.ts'
import { addPlugins, type Surroundings } from './options/options.ts'

function inLab(command: Command): Command {
  return command.option('--name <lab>', 'which lab, when several are up')
}

function addUp(lab: Command, around: Surroundings): void {
  inLab(lab.command('up').description('bring up hosts with real etcd and flanneld'))
    .addOption(
      new Option('--lab <kind>', 'hosts are network namespaces, or containers of a Docker engine')
        .choices(['netns', 'docker'])
        .default('netns'),
    )
    .option('--image <name>', 'with --lab docker: image of the hosts (default: made of this machine)')
    .option('--hosts <n>', 'how many hosts, at most 200', upTo(200), 3)
    .addOption(
      new Option('--backend <type>', 'flannel backend').choices(['vxlan', 'host-gw', 'udp']).default('vxlan'),
    )
    .option('--config <json>', 'the whole network configuration, instead of --backend')
    .addOption(new Option('--etcd-api <api>', 'etcd API').choices(['v2', 'v3']).default('v3'))
    .addOption(
      new Option(
        '--kubernetes [what]',
        'leases in a Kubernetes API server, pods by CNI plugins (built once, ten minutes); =cluster: with kubelets',
      ).choices(['cluster']),
    )
    .option('--pods <n>', 'how many pods or containers per host, at most 20', upTo(20), 1)
    .option('--tls', 'etcd with TLS and client certificates')
    .option('--flanneld <path|version>', 'which flanneld (default: newest that speaks the API)')
    .addOption(
      new Option('--docker <how>', 'a bridge laid by hand, or a dockerd per host')
        .choices(['bridge', 'real'])
        .default('bridge'),
    )
    .option('--no-ip-masq', 'start flanneld without -ip-masq')
    .option('--underlays <n>', 'underlay subnets, joined by a router', upTo(2), 1)
    .option('--etcd-prefix <path>', "flannel's prefix")
    .action((flags: LabUpFlags) =>
      around.finish(import('./commands/lab.ts').then((lab) => lab.up(flags, around))),
    )
}

function addFaults(lab: Command, around: Surroundings): void {
  addPlugins(inLab(lab.command('inject <fault>').description('break a lab: see list faults')))
    .option('--host <name>', 'the host that breaks (default: the last)')
    .option('--peer <name>', 'the peer it breaks towards (default: the first other)')
    .action((fault: string, flags: LabInjectFlags) =>
      around.finish(
        import('./commands/lab-faults.ts').then((faults) => faults.injectFault(fault, flags, around)),
      ),
    )
  inLab(lab.command('heal').description('undo what is injected')).action((flags: LabFlags) =>
    around.finish(import('./commands/lab-faults.ts').then((faults) => faults.healLab(flags))),
  )
  addPlugins(lab.command('matrix'))
    .description('inject every fault into labs of its own and see that it is found')
    .addOption(
      new Option('--backend <type>', 'one flannel backend (default: all)').choices([
        'vxlan',
        'host-gw',
        'udp',
      ]),
    )
    .option('--kubernetes', 'in labs whose leases are nodes of Kubernetes, the faults for them')
    .option('--fault <ids>', 'only these faults, separated by commas', commaList)
    .option('--pairs <n>', 'also this many pairs of faults at once', positive)
    .option('--trace', 'also follow a ping both ways while each fault lasts')
    .option('--fix', 'also apply the printed fixes and look whether they heal')
    .option('--format <name[=file]>', 'text, json or markdown, to stdout or a file (repeatable)', collect)
    .addOption(new Option('--record <dir>', 'save what each fault changes').hideHelp())
    .action((flags: LabMatrixFlags) =>
      around.finish(import('./commands/lab-faults.ts').then((faults) => faults.matrix(flags, around))),
    )
}

function addVersions(lab: Command, around: Surroundings): void {
  lab
    .command('versions')
    .description('which clauses each flannel version keeps, each in a lab of its own')
    .option('--versions <list>', 'versions, separated by commas (default: one of each design)', commaList)
    .addOption(
      new Option('--backend <type>', 'one flannel backend (default: all)').choices([
        'vxlan',
        'host-gw',
        'udp',
      ]),
    )
    .option('--format <name[=file]>', 'text, json or markdown, to stdout or a file (repeatable)', collect)
    .action((flags: LabVersionsFlags) =>
      around.finish(import('./commands/lab-versions.ts').then((command) => command.versions(flags, around))),
    )
}

/** Declares the lab commands. */
export function addLabCommands(program: Command, around: Surroundings): void {
  const lab = program.command('lab')
  addUp(lab, around)
  addFaults(lab, around)
  addVersions(lab, around)
  inLab(lab.command('status').description('what is up'))
    .addOption(new Option('--format <name>', 'how it is printed').choices(['text', 'json']))
    .action((flags: LabStatusFlags) =>
      around.finish(import('./commands/lab.ts').then((lab) => lab.status(flags))),
    )
  inLab(
    lab
      .command('exec <host> <argv...>')
      .description('run a command on a host or in a container: exec h1 -- ip route'),
  )
    .allowUnknownOption()
    .action((host: string, argv: string[], flags: LabFlags) =>
      around.finish(import('./commands/lab.ts').then((lab) => lab.exec(host, argv, { flags, around }))),
    )
  inLab(lab.command('record <dir>').description('save the state of the lab')).action(
    (dir: string, flags: LabFlags) =>
      around.finish(import('./commands/lab.ts').then((lab) => lab.record(dir, flags, around))),
  )
  inLab(lab.command('down').description('remove a lab and everything it made'))
    .option('--all', 'every lab of this machine')
    .action((flags: LabDownFlags) =>
      around.finish(import('./commands/lab.ts').then((lab) => lab.down(flags, around))),
    )
  lab.description(`networks to rehearse on: ${lab.commands.map((command) => command.name()).join(', ')}`)
}
