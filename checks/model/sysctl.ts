/** Kernel settings by dotted name (`net.ipv4.ip_forward`), values as text. A name that the kernel lacks is absent. */
export type Sysctls = ReadonlyMap<string, string>
