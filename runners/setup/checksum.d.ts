export function keepWithChecksum(built: string, path: string): void
export function verifyChecksum(path: string): void
