import type { BenchCentre } from './centre.ts';
import type { Closers } from './closers.ts';
import type { Result } from './measures.ts';
export async function pushToScreens(_centre: BenchCentre, _closers: Closers, _say: (text: string) => void): Promise<Result[]> { return []; }
