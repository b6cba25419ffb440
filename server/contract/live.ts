/**
 * Live messages on socket.io, path `/live`.
 *
 * Everything live is a set of named rows per topic: a snapshot gives all of them, a patch those that changed. Each
 * watch (the same units and topics under the same scope) has one sequence of consecutive numbers, shared by all its
 * screens. The numbers go on from the clock at the start of the process, so that those of an earlier process are never
 * mistaken for this one's. A patch goes out at least every 2 s, also an empty one: its `asOf` is the heart-beat.
 *
 *   client → `watch {units, topics}`          server → `snapshot`
 *   client → `resume {seq, units?, topics?}`  server → the missed `patch`es, or a new `snapshot`
 *   client → `time`                           server → its clock, as acknowledgement
 *
 * A connection has a session or the token of a paired screen (its cookie; `auth: {screen: true}` where both are there).
 *
 * Bounded: ten questions of a connection at once, then one every two seconds, and thirty different watches of an account;
 * beyond that a `problem` with `rate_limited`. A screen that does not read what it gets is disconnected.
 */
import type { Figures, UnitRow } from './figures.ts';
import type { AlertRow } from './alert.ts';
import type { CameraRow } from './camera.ts';
import type { SceneMark, ScreenRow } from './scene.ts';
import type { AlertRule, DeskState, Topic } from './vocabulary.ts';

export interface Watch { units: string[]; topics: Topic[] }

/** Topic `kpis`, key `total:<unit>` — a watched unit and all under it. */
export interface TotalRow {
  unit: string;
  today: Figures; month: Figures; year: Figures;
  /** The same figures over yesterday, for the change since then. */
  yesterday: Figures;
  coverage: { reporting: number; expected: number };
  /** Last 30 days, oldest first; a day without data is null, not zero. */
  trend: { day: string; received: number | null; resolved: number | null; onTimeRate: number | null; satisfiedRate: number | null; responses: number | null }[];
  simulated: boolean;
}

/** Topic `kpis`, key `desk:<unit>` — one desk alone. */
export interface DeskRow {
  unit: string; state: DeskState; pending: number; overdue: number; dueSoon: number; paused: number;
  receivedToday: number; resolvedToday: number;
  /** Over the last 30 days. */
  onTimeRate: number | null; satisfiedRate: number | null; resolved30: number; responses30: number;
  lastEventAt: string | null; simulated: boolean;
}

/**
 * Topic `kpis`, key `alerts:<unit>` — how many alerts of one desk are not closed; absent when there are none. The topic
 * `alerts` itself holds the most urgent ones only: 200 of a desk, 2,000 of a watch.
 */
export interface AlertCounts { unit: string; total: number; criticalOpen: number; byRule: Partial<Record<AlertRule, number>> }

/** Topic `queue`, key `<unit>`. */
export interface QueueRow { unit: string; waiting: number; longestWaitSeconds: number | null; servedToday: number; averageWaitSeconds: number | null; p90WaitSeconds: number | null; noShowToday: number; openCounters: number; /** Of a ticket drawn now: an estimate, null where there is none. */ expectedWaitSeconds: number | null; lastEventAt: string | null; simulated: boolean }

/** Topic `scenes`, key `demo` — how far the simulated history has come; absent when nothing is being filled. */
export interface DemoRow { phase: 'history' | 'live'; done: number; total: number }

export interface LiveState {
  kpis: Record<string, TotalRow | DeskRow | AlertCounts>;
  queue: Record<string, QueueRow>;
  alerts: Record<string, AlertRow>;
  cameras: Record<string, CameraRow>;
  /** `demo`; `scene:<id>`: a scene that people made; `screen:<id>`: a paired screen, what it shall show and what it said. */
  scenes: Record<string, DemoRow | SceneMark | ScreenRow>;
}

export interface Snapshot { seq: number; asOf: string; units: UnitRow[]; topics: Topic[]; simulated: boolean; zone: string; state: Partial<LiveState> }
export interface Patch { seq: number; asOf: string; set: Partial<Record<Topic, Record<string, unknown>>>; remove: Partial<Record<Topic, string[]>> }
/** A refusal on the socket carries the same body as a problem document. */
export interface SocketProblem { code: string; status: number; title: string; detail: string; next: string; requestId: string }

export interface ServerToClient {
  snapshot: (message: Snapshot) => void;
  patch: (message: Patch) => void;
  problem: (message: SocketProblem) => void;
}
export interface ClientToServer {
  /** The centre's clock, ms: with the way of question and answer a screen knows how far its own is off. */
  time: (acknowledge: (now: number) => void) => void;
  watch: (message: Watch, acknowledge?: (answer: { seq: number } | SocketProblem) => void) => void;
  resume: (message: { seq: number; units?: string[]; topics?: Topic[] }, acknowledge?: (answer: { seq: number } | SocketProblem) => void) => void;
}
