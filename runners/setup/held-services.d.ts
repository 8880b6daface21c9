export declare const SETUP_VARIABLE: string
export declare function withHeldServices<T>(
  work: (environment: NodeJS.ProcessEnv) => T,
  options: { readonly log: (line: string) => void; readonly root?: string },
): T
