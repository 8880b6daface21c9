export declare function isOursAlone(path: string): boolean
export declare function cacheFolder(environment?: NodeJS.ProcessEnv): string
