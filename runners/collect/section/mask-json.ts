/**
 * Text values of JSON whose names say that they are secret: tokens of CNI plugins, keys of flannel's backends (`PSK` of
 * ipsec and wireguard, `AccessKeySecret` of ali-vpc and tencent-vpc). One list for the shell of a host and for us.
 */
const NAMES = ['token', 'passw', 'secret', 'credential', 'psk', 'accesskey']

/** A command of the host's shell, standard input to output. */
export const MASK_JSON = `sed 's/\\("[^"]*\\(${NAMES.join('\\|')}\\)[^"]*"[[:space:]]*:[[:space:]]*\\)"\\(\\\\.\\|[^"\\\\]\\)*"/\\1"********"/gI'`

/** A name and its text or number, as in JSON or in what was meant to be: names without quotes, texts that do not end. */
const MEMBER =
  /((?:"[^"\\]{0,200}"|(?<![\w-])[A-Za-z_][\w-]{0,100})\s{0,100}:\s*)(?:"(?:\\.|[^"\\])*(?:"|$)|[^\s",{}[\]]+)/g
const NAME = new RegExp(NAMES.join('|'), 'i')

/** A text that is JSON, or was meant to be, without the values of such names. */
export function maskedJson(text: string): string {
  return text.replaceAll(MEMBER, (all, name: string) => (NAME.test(name) ? `${name}"********"` : all))
}
