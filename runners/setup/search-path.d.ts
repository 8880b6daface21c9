export declare function commandSearchPath(path?: string): string
export declare function commandPath(name: string, path?: string): string | undefined
export declare function isExecutable(file: string): boolean
