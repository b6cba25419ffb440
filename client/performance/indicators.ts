/** The shares by which units are ranked: where the value and its volume stand in the figures, and the list behind it. */
import type { Figures } from '#contract/figures.ts';
import type { Explainable } from '#contract/vocabulary.ts';

export interface Indicator { key: string; share: (figures: Figures) => number | null; volume: (figures: Figures) => number; behind: Explainable; volumeOf: 'resolved' | 'received' | 'responses' | 'cases' }
export const INDICATORS: readonly Indicator[] = [
  { key: 'onTimeRate', share: (f) => f.dossiers.onTimeRate, volume: (f) => f.dossiers.resolved, behind: 'resolvedLate', volumeOf: 'resolved' },
  { key: 'satisfiedRate', share: (f) => f.satisfaction.satisfiedRate, volume: (f) => f.satisfaction.responses, behind: 'dissatisfied', volumeOf: 'responses' },
  { key: 'onlineRate', share: (f) => f.dossiers.onlineRate, volume: (f) => f.dossiers.received, behind: 'receivedOnline', volumeOf: 'received' },
  { key: 'digitizedRate', share: (f) => f.dossiers.digitizedRate, volume: (f) => f.dossiers.received, behind: 'digitized', volumeOf: 'received' },
  { key: 'electronicResultRate', share: (f) => f.dossiers.electronicResultRate, volume: (f) => f.dossiers.resolved, behind: 'electronicResult', volumeOf: 'resolved' },
  { key: 'feedbackOnTimeRate', share: (f) => f.feedback.onTimeRate, volume: (f) => f.feedback.resolved, behind: 'feedbackResolved', volumeOf: 'cases' },
];
