/**
 * What the user gave us is wrong: a flag, the inventory, a file it names. One line, exit code 2.
 * Not for what a host or etcd answers: that is an absence.
 */
export class InputError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'InputError'
  }
}
