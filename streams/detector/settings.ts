/**
 * Which program counts persons, if any: the operator's own, on this machine, named in the environment of the node and never
 * by the centre. Program and model must lie in a folder that is allowed, whatever links lead there.
 */
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { isAbsolute, sep } from 'node:path';

export interface DetectorSettings { program: string; model: string | null }

const MOST = 20;

/** Faults are told by the name of the variable; without DETECTOR_PROGRAM there is no detector and nothing is looked at. */
export function readDetector({ DETECTOR_PROGRAM: program = '', DETECTOR_MODEL: model = '', DETECTOR_ALLOWED: allowed = '' }: Record<string, string | undefined>): { detector: DetectorSettings | null; faults: string[] } {
  if (program === '') return { detector: null, faults: model === '' ? [] : ['DETECTOR_MODEL is of no use without DETECTOR_PROGRAM'] };
  const faults: string[] = [];
  const folders = allowed.split(':').filter((one) => one !== '').slice(0, MOST).flatMap((one) => {
    try { if (isAbsolute(one) && realpathSync(one) !== '/' && statSync(one).isDirectory()) return [realpathSync(one) + sep]; } catch { /* told below */ }
    faults.push(`DETECTOR_ALLOWED: ${one} is no folder by its whole path`);
    return [];
  });
  if (folders.length === 0 && faults.length === 0) faults.push('DETECTOR_ALLOWED names no folder in which a detector may lie');
  const check = (name: string, path: string, mode: number): string => {
    try {
      const real = realpathSync(path);
      accessSync(real, mode);
      if (isAbsolute(path) && statSync(real).isFile() && folders.some((folder) => real.startsWith(folder))) return real;
    } catch { faults.push(`${name}: ${path} is not there, or may not be ${mode === constants.X_OK ? 'run' : 'read'}`); return path; }
    faults.push(`${name}: ${path} is no file by its whole path within DETECTOR_ALLOWED`);
    return path;
  };
  const detector = { program: check('DETECTOR_PROGRAM', program, constants.X_OK), model: model === '' ? null : check('DETECTOR_MODEL', model, constants.R_OK) };
  return faults.length > 0 ? { detector: null, faults } : { detector, faults };
}
