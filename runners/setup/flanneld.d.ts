export declare const DEFAULT_VERSION: Readonly<Record<'v2' | 'v3', string>>
export declare function cachedFlanneld(version: string): string
export declare function cachedDockerScript(version: string): string
export declare function unbuildable(version: string): string | undefined
export declare function installFlanneld(
  version: string,
  options?: { readonly log?: (line: string) => void },
): Promise<string>
