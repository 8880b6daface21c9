export declare function stalePackage(root: string): string | undefined
export declare function ensureNpmPackages(root: string, log: (line: string) => void): boolean
