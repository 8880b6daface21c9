export declare const isNewEnough: boolean
export declare function nodeAdvice(version?: string): string
export declare function nodeForProject(): string | undefined
