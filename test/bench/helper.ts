/** A process of the benchmark's own that answers one question at a time over IPC. */
import { fork, type ChildProcess } from 'node:child_process';
import { fromRoot } from '#config/paths.ts';
import type { Closers } from './closers.ts';

export interface Helper { child: ChildProcess; waiting: Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>; asked: number }
interface Answer { id: number; answer?: unknown; error?: string }

export async function startHelper(file: string, closers: Closers): Promise<Helper> {
  const child = fork(fromRoot('test', 'bench', file), [], { cwd: fromRoot(), execArgv: ['--import', 'tsx'], serialization: 'advanced', env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', NODE_ENV: 'production' } });
  const helper: Helper = { child, waiting: new Map(), asked: 0 };
  child.on('message', (message: Answer) => {
    const waiting = helper.waiting.get(message.id);
    helper.waiting.delete(message.id);
    if (message.error === undefined) waiting?.resolve(message.answer); else waiting?.reject(new Error(`${file}: ${message.error}`));
  });
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => {
      for (const waiting of helper.waiting.values()) waiting.reject(new Error(`${file} ended`));
      resolve();
    });
  });
  closers.add(async () => { child.kill('SIGKILL'); await gone; });
  await ask(helper, { do: 'hello' });
  return helper;
}

export async function ask<T = unknown>(helper: Helper, question: object, ms = 30_000): Promise<T> {
  const id = (helper.asked += 1);
  return await new Promise<T>((resolve, reject) => {
    const late = setTimeout(() => { helper.waiting.delete(id); reject(new Error(`no answer within ${ms} ms to ${JSON.stringify(question).slice(0, 80)}`)); }, ms);
    helper.waiting.set(id, { resolve: (answer) => { clearTimeout(late); resolve(answer as T); }, reject: (error) => { clearTimeout(late); reject(error); } });
    helper.child.send({ id, question });
  });
}

/** The other side: in the helper. It ends with the one who started it. */
export function answerWith(handle: (question: Record<string, unknown>) => Promise<unknown>): void {
  process.on('disconnect', () => { process.exit(0); });
  process.on('message', ({ id, question }: { id: number; question: Record<string, unknown> }) => {
    const work = question.do === 'hello' ? Promise.resolve() : handle(question);
    work.then((answer) => { process.send?.({ id, answer }); }, (error: unknown) => { process.send?.({ id, error: String(error) }); });
  });
}
