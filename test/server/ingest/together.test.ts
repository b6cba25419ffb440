/** Requests that wait are written together; one that is to blame for a failure takes nobody along. */
import { describe, expect, it } from 'vitest';
import { together } from '../../../server/ingest/together.ts';

const tick = () => new Promise<void>((resolve) => { setTimeout(resolve, 5); });
function recorder(fails: (items: number[]) => boolean = () => false, lanes = 1, most = 100, many = 1) {
  const pieces: number[][] = [];
  const run = together<number, number>(async (items) => { pieces.push(items); await tick(); if (fails(items)) throw new Error('to blame'); return items.map((item) => item * 10); }, { sizeOf: (item) => item, most, many, lanes });
  return { pieces, run };
}

describe('requests that come while others are written', () => {
  it('go together in the next piece, each with its own answer', async () => {
    const { pieces, run } = recorder();
    expect(await Promise.all([1, 2, 3, 4].map((n) => run('a', n)))).toEqual([10, 20, 30, 40]);
    expect(pieces).toEqual([[1], [2, 3, 4]]);
  });
  it('of another key do not wait', async () => {
    const { pieces, run } = recorder();
    await Promise.all([run('a', 1), run('b', 2), run('a', 3)]);
    expect(pieces).toEqual([[1], [2], [3]]);
  });
  it('are no more in one piece than is allowed; a large one goes alone', async () => {
    const { pieces, run } = recorder(undefined, 1, 5);
    await Promise.all([1, 2, 3, 4, 99].map((n) => run('a', n)));
    expect(pieces).toEqual([[1], [2, 3], [4], [99]]);
  });
  it('use every lane', async () => {
    const { pieces, run } = recorder(undefined, 2);
    await Promise.all([1, 2, 3, 4].map((n) => run('a', n)));
    expect(pieces).toEqual([[1], [2], [3, 4]]);
  });
  it('wait for the piece that runs while they are few', async () => {
    const { pieces, run } = recorder(undefined, 2, 100, 6);
    await Promise.all([1, 2, 3, 4].map((n) => run('a', n)));
    expect(pieces).toEqual([[1], [2, 3, 4]]);
  });
  it('fail alone', async () => {
    const { run } = recorder((items) => items.includes(3));
    const answers = await Promise.allSettled([1, 2, 3, 4].map((n) => run('a', n)));
    expect(answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : 'failed'))).toEqual([10, 20, 'failed', 40]);
    expect(await run('a', 5)).toBe(50);
  });
});
