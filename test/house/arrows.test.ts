/** The arrows between the folders hold: what may not be imported is an error, what may be is none. */
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';
import { fromRoot } from '#config/paths.ts';

const eslint = new ESLint({ cwd: fromRoot('.') });
/** Whether a file that is there already may import this: the text is only thought of, nothing is written. */
async function refused(file: string, from: string): Promise<boolean> {
  const [result] = await eslint.lintText(`import { something } from '${from}';\nexport const used = something;\n`, { filePath: fromRoot(file) });
  return (result?.messages ?? []).some((message) => message.ruleId === 'no-restricted-imports');
}

describe('the arrows between the folders', () => {
  it.each([
    ['client/session.ts', '#server/rounds.ts'], ['client/session.ts', '#config/load.ts'], ['client/session.ts', '#streams/main.ts'],
    ['config/load.ts', '#server/centre.ts'], ['config/load.ts', '#analytics/kpi/counters.ts'], ['server/contract/alert.ts', '#analytics/kpi/counters.ts'], ['server/rounds.ts', '#streams/main.ts'], ['server/rounds.ts', '../streams/main.ts'],
    ['server/demo/day.ts', '#analytics/kpi/counters.ts'], ['streams/main.ts', '#server/centre.ts'], ['analytics/kpi/ranking.ts', 'luxon'], ['analytics/kpi/ranking.ts', '#contract/figures.ts'],
  ])('%s may not import %s', async (file, from) => { expect(await refused(file, from)).toBe(true); });
  it.each([['client/session.ts', '#contract/session.ts'], ['client/session.ts', '#analytics/kpi/ranking.ts'], ['server/rounds.ts', '#analytics/kpi/counters.ts'], ['server/rounds.ts', './live/hub.ts'], ['streams/main.ts', '#contract/node.ts'], ['analytics/kpi/ranking.ts', './counters.ts']])('%s may import %s', async (file, from) => { expect(await refused(file, from)).toBe(false); });
});
