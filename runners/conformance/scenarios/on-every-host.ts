/** Asks one question of every host, one after another. */

/** The first answer that is one; undefined when no host gives any. */
export async function onEveryHost<T>(
  { hosts }: { readonly hosts: readonly T[] },
  ask: (host: T) => Promise<string | undefined>,
): Promise<string | undefined> {
  for (const host of hosts) {
    const answer = await ask(host)
    if (answer !== undefined) return answer
  }
  return undefined
}
