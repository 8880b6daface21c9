/** An end of a ping by its name. */
export function endName({ host, container }: { readonly host: string; readonly container?: string }): string {
  return container === undefined ? host : `${host}/${container}`
}
