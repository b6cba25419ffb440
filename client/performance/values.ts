/** How the value of an indicator is written: by what it measures. */
import type { IndicatorDefinition } from '#contract/indicators.ts';
import { count, decimal, points, share } from '../design/format.ts';

export function valueText(measure: IndicatorDefinition['measure'], value: number | null): string {
  switch (measure) {
    case 'share': return share(value);
    case 'count': return count(value);
    case 'hours': return decimal(value);
    case 'growth': return value === null ? share(null) : `${points(value)}%`;
  }
}
