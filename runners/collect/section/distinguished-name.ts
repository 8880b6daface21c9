/** A distinguished name as node:crypto prints it, an attribute per line, as one line. */
export function distinguishedName(text: string | undefined): string {
  return (text ?? '').replaceAll('\n', ', ')
}
