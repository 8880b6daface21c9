/** Whatever a user gets wrong is one clear line and exit status 2. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { doctor } from './doctor-for-tests.ts'

const STATES = fileURLToPath(new URL('../../fixtures/states/', import.meta.url))

const folder = mkdtempSync(join(tmpdir(), 'flannel-doctor-cli-'))
test.after.always(() => rmSync(folder, { recursive: true, force: true }))

function inventory(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

/** Wrong input and the words its one line must contain. */
const WRONG: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['an unknown command', ['chek'], /unknown command 'chek'/],
  ['help for an unknown command', ['help', 'chek'], /unknown command 'chek', did you mean check\?/],
  ['help for an unknown command of a lab', ['lab', 'help', 'none-such'], /unknown command 'none-such'/],
  [
    'etcd of a host that is not in the one state',
    ['replay', `${STATES}v0.28.9-vxlan`, '--etcd-of', 'h7'],
    /--etcd-of h7: no bundle of such a host/,
  ],
  [
    'no saved state',
    ['replay', join(folder, 'absent')],
    /absent: expected a saved state, a folder or NAME\.tgz, found nothing/,
  ],
  ['a file as a saved state', ['replay', fileURLToPath(import.meta.url)], /NAME\.tgz, found a file/],
  [
    'one file for two reports',
    ['replay', `${STATES}v0.28.9-vxlan`, '--format', 'json=x', '--format', 'html=./x'],
    /x is named twice/,
  ],
  [
    'an unknown format of a list',
    ['list', 'checks', '--format', 'yaml'],
    /--format yaml: expected one of text, json/,
  ],
  ['an unknown option', ['check', '--colour'], /unknown option '--colour'/],
  ['a wrong choice', ['check', '--fail-on', 'never'], /Allowed choices are critical, warning, info/],
  ['a wrong number', ['check', '--deadline', '0'], /whole number from 1/],
  ['a wrong host URL', ['check', '--host', 'telnet://x'], /not a host URL: "telnet:\/\/x"/],
  [
    'a namespace with a path in it',
    ['check', '--host', 'netns://../x'],
    /not a host URL|not a namespace name/,
  ],
  ['an option as a host', ['check', '--host', 'ssh://-oProxyCommand=x'], /not a host URL/],
  ['a wrong etcd URL', ['check', '--etcd', 'two words'], /--etcd: expected URL/],
  [
    'a missing key file',
    ['check', '--etcd', 'https://127.0.0.1:1', '--etcd-cert', join(folder, 'absent.pem')],
    /absent\.pem/,
  ],
  [
    'a key file that holds no key',
    ['check', '--etcd', 'https://127.0.0.1:1', '--etcd-key', fileURLToPath(import.meta.url)],
    /etcd key .+wrong-input\.test\.ts: expected PEM/,
  ],
  ['a port that is none', ['check', '--etcd', 'http://127.0.0.1:99999'], /--etcd: expected URL/],
  [
    'a kubeconfig that is none',
    ['check', '--kubeconfig', inventory('list.yaml', '[]')],
    /kubeconfig \S+list\.yaml: the whole file is not what a kubeconfig has there/,
  ],
  [
    'a context that is in no kubeconfig',
    ['check', '--kubeconfig', inventory('kube.yaml', '{}'), '--context', 'prod'],
    /no context "prod": it has none/,
  ],
  [
    'etcd and a kubeconfig',
    ['check', '--etcd', 'http://127.0.0.1:1', '--kubeconfig', 'x'],
    /'--etcd <urls>' cannot be used with option '--kubeconfig <file>'/,
  ],
  [
    'two reports on one stream',
    ['replay', `${STATES}v0.28.9-vxlan`, '--format', 'json', '--format', 'text'],
    /json and text would both be printed; give one a file: text=FILE/,
  ],
  ['no checks at all', ['check', '--only', ''], /expected words separated by commas/],
  ['more hosts than a lab holds', ['lab', 'up', '--hosts', '201'], /expected a whole number from 1 to 200/],
  ['a flanneld that is none', ['lab', 'up', '--flanneld', folder], /no executable flanneld at|needs root/],
  ['a lab that is not there', ['lab', 'heal', '--name', 'none'], /no lab named none is up/],
  ['a missing inventory', ['check', '--inventory', join(folder, 'absent.yaml')], /no such file/],
  [
    'an inventory with a wrong field',
    [
      'check',
      '--inventory',
      inventory('field.yaml', 'hosts:\n  - name: h1\n    via: "local:"\n    subnetfile: /x\n'),
    ],
    /field\.yaml:4:5: hosts\[0\]\.subnetfile: unknown key; did you mean "subnetFile"/,
  ],
  [
    'an inventory of 20,000 lists in each other',
    ['check', '--inventory', inventory('deep.yaml', `hosts: ${'['.repeat(20_000)}`)],
    /deep\.yaml: .* nested too deeply/,
  ],
  ['an inventory that is no YAML', ['check', '--inventory', inventory('no.yaml', 'hosts: [')], /no\.yaml:1:/],
  [
    'an unknown check',
    ['replay', `${STATES}v0.28.9-vxlan`, '--only', 'fdb/peer'],
    /did you mean fdb\/peer-vtep/,
  ],
  [
    'an unknown format',
    ['replay', `${STATES}v0.28.9-vxlan`, '--format', 'xml'],
    /expected one of text, json/,
  ],
  [
    'a file that cannot be written',
    ['replay', `${STATES}v0.28.9-vxlan`, '--format', `json=${join(folder, 'absent/x')}`],
    /cannot write \S*\/absent\/x: .*ENOENT/,
  ],
  ['a folder that is no saved state', ['replay', folder], /expected a saved state/],
  ['an unknown code', ['explain', 'fdb/peer-vtep:gone'], /its codes: missing, wrong-destination/],
  [
    'no word of what to list',
    ['list'],
    /argument 'what' of list <what>: .*checks, clauses, profiles, faults or reporters$/m,
  ],
  ['no end of a trace', ['trace', 'h1'], /argument 'target' of trace <source> <target>: .*HOST\/CONTAINER/],
  ['no fault to inject', ['lab', 'inject'], /argument 'fault' of lab inject <fault>: .*see list faults$/m],
  ['an unknown list', ['list', 'things'], /expected one of checks/],
  ...['__proto__', 'constructor', 'toString'].map((word): [string, string[], RegExp] => [
    `a list named ${word}`,
    ['list', word],
    /expected one of checks/,
  ]),
  ...['__proto__', 'constructor'].map((word): [string, string[], RegExp] => [
    `an explanation of ${word}`,
    ['explain', word],
    /./,
  ]),
  ['a lab name with a path in it', ['lab', 'status', '--name', 'a', 'b'], /too many arguments/],
]

for (const [what, argv, words] of WRONG) {
  test(`${what} is one clear line and exit 2`, async (t) => {
    const { exit, stdout, stderr } = await doctor(...argv)
    t.is(exit, 2, stderr)
    t.is(stdout, '')
    const lines = stderr.trim().split('\n')
    t.true(lines.length <= 2, stderr)
    t.regex(lines[0] ?? '', /^flannel-doctor: /)
    t.regex(stderr, words)
    t.notRegex(stderr, /\bat .*\.ts:\d+/, 'a stack trace is not an error message')
  })
}
