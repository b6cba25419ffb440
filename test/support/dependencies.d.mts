export function knownWeaknesses(options?: { cwd?: string; environment?: Record<string, string> }): Promise<{ findings: string[] } | { skipped: string }>;
