export declare function installManifest(version: string): Promise<string>
export declare function installConfProgram(version: string): Promise<string>
