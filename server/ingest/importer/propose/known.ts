/** What the assistant knows of units and procedures, from the configuration. */
import type { Known } from './evidence.ts';
import { namesOf, type Named } from './names.ts';

export const knownOf = ({ units, procedures }: { units: readonly Named[]; procedures: readonly Named[] }): Known => ({ units: namesOf(units), procedures: namesOf(procedures) });
