/**
 * Names only: the words that server, media node and browser share at run time.
 * Imports nothing, so that the browser may take it without taking zod.
 */

/** The ten statuses of the national portal, in the portal's own order (1–10). */
export const PORTAL_STATUSES = [
  'registered', 'received', 'refused', 'processing', 'supplement_requested', 'fee_requested',
  'withdrawn', 'stopped', 'resolved', 'returned',
] as const;

/** Happenings that are not a portal status but move the clock or the facts. */
export const HAPPENINGS = ['supplement_received', 'fee_paid', 'apology_sent', 'facts_updated'] as const;

export const DOSSIER_STATUSES = [...PORTAL_STATUSES, ...HAPPENINGS] as const;
export type DossierStatus = (typeof DOSSIER_STATUSES)[number];

export const CHANNELS = ['in_person', 'online_full', 'online_partial', 'postal'] as const;
export type Channel = (typeof CHANNELS)[number];

export const TICKET_STATUSES = ['issued', 'called', 'served', 'no_show', 'transferred'] as const;
export type TicketStatus = (typeof TICKET_STATUSES)[number];

export const SURVEY_SOURCES = ['tablet', 'zalo', 'sms', 'portal', 'phone'] as const;
export const FEEDBACK_STATUSES = ['received', 'assigned', 'resolved', 'reopened'] as const;
export const FEEDBACK_SOURCES = ['hotline_1022', 'national_portal', 'provincial_portal', 'other'] as const;

export const INGEST_KINDS = ['dossiers', 'queue', 'surveys', 'feedback', 'indicators'] as const;
export type IngestKind = (typeof INGEST_KINDS)[number];

/** What the mapping assistant reads; indicators come from forms, not from logs. */
export const IMPORT_KINDS = ['dossiers', 'queue', 'surveys', 'feedback'] as const;

/** `unmask` opens no page: it is the right to lift privacy masks, given beside another role. */
export const ROLES = ['operator', 'leader', 'inspector', 'admin', 'unmask'] as const;
export type Role = (typeof ROLES)[number];

export const TOPICS = ['kpis', 'queue', 'alerts', 'cameras', 'scenes'] as const;
export type Topic = (typeof TOPICS)[number];

/** A desk's state on the map. The order is the order of urgency, worst first. */
export const DESK_STATES = ['overdue', 'due_soon', 'in_order', 'not_reporting', 'no_data'] as const;
export type DeskState = (typeof DESK_STATES)[number];

export const CAMERA_STATES = ['online', 'connecting', 'offline', 'black', 'frozen', 'covered', 'disabled'] as const;
export type CameraState = (typeof CAMERA_STATES)[number];

/** Why a camera is not online. Each has a text in the message files (`camera.reason.*`). */
export const CAMERA_REASONS = [
  'starting', 'unreachable', 'refused', 'wrong_password', 'not_found', 'no_packets', 'ended',
  'address_forbidden', 'unsupported', 'node_away', 'disabled', 'unstable', 'unknown',
] as const;
export type CameraReason = (typeof CAMERA_REASONS)[number];

/** What may be doubtful about a picture that is there; beside the state, which stays. Texts in `picture.*`. */
export const PICTURE_WARNINGS = ['moved', 'out_of_focus', 'wrong_time'] as const;
export type PictureWarning = (typeof PICTURE_WARNINGS)[number];

/** States in which the camera is connected and sends something: a good picture, or one that shows nothing. */
export const CONNECTED_STATES: readonly CameraState[] = ['online', 'black', 'frozen', 'covered'];

/** Why the picture of a camera is not looked at. */
export const UNCHECKED_REASONS = ['not_recorded', 'off', 'not_yet', 'unreadable', 'late'] as const;
export type UncheckedReason = (typeof UNCHECKED_REASONS)[number];

export const CAMERA_TRANSPORTS = ['tcp', 'udp', 'auto'] as const;
export type CameraTransport = (typeof CAMERA_TRANSPORTS)[number];

export const CAMERA_POSITIONS = ['counter', 'waiting', 'entrance'] as const;
export type CameraPosition = (typeof CAMERA_POSITIONS)[number];

/** When a camera records: always, in the working hours of its unit, never. */
export const RECORDING_POLICIES = ['continuous', 'working_hours', 'off'] as const;
export type RecordingPolicy = (typeof RECORDING_POLICIES)[number];

/** The disk of a media node's recordings. `away`: not mounted; `foreign`: another node's, or none that was ever recorded on. */
export const STORAGE_STATES = ['ready', 'full', 'away', 'foreign', 'read_only'] as const;
export type StorageState = (typeof STORAGE_STATES)[number];

export const GAP_REASONS = ['camera_away', 'node_stopped', 'disabled', 'schedule', 'disk_full', 'disk_away', 'disk_foreign', 'disk_read_only', 'not_yet', 'before_first', 'expired', 'no_room', 'node_away', 'node_moved', 'unknown'] as const;
export type GapReason = (typeof GAP_REASONS)[number];

export const ALERT_RULES = ['dossier_overdue', 'dossier_due_soon', 'apology_due', 'late_without_apology', 'apology_after_deadline', 'second_reappointment', 'queue_long', 'camera_away', 'unit_silent', 'day_mismatch', 'camera_black', 'camera_frozen', 'camera_covered', 'camera_moved', 'camera_out_of_focus', 'camera_wrong_time', 'counter_unattended', 'waiting_crowd', 'disk_low', 'disk_critical', 'disk_fault', 'recording_shortened', 'bulk_viewing', 'break_glass'] as const;
export type AlertRule = (typeof ALERT_RULES)[number];

export const ALERT_STATES = ['open', 'acknowledged', 'assigned', 'answered', 'snoozed', 'resolved'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

export const ALERT_ACTIONS = ['acknowledge', 'assign', 'answer', 'snooze', 'resolve'] as const;
export type AlertAction = (typeof ALERT_ACTIONS)[number];

export const SEVERITIES = ['critical', 'warning', 'notice'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Lists that only the indicators of the documents and the scores ask for (server/figures/listsOfDocuments.ts). */
export const DOCUMENT_LISTS = [
  'feeRequired', 'receivedOnlineFull', 'receivedByPost', 'resultByPost', 'certifiedCopies', 'digitizedWhole', 'dataReused', 'personalStore', 'identityVerified',
  'dataReusedTold', 'personalStoreTold', 'identityVerifiedTold', 'receivedOfFull', 'fullOnlineOfFull',
  'lateAll', 'lateApologised', 'lateWithoutApology', 'handled766', 'inTime766', 'late766', 'disliked766', 'fewSupplements', 'manySupplements',
  'feedbackResolvedOnTime', 'feedbackResolvedLate', 'feedbackWithoutDue', 'feedbackRated', 'feedbackSatisfied', 'hotlineReceived', 'hotlineResolved',
  'cases766', 'casesInTime766', 'casesLate766', 'casesWithoutDue766', 'casesContent766', 'casesDiscontent766',
] as const;
export type DocumentList = (typeof DOCUMENT_LISTS)[number];

/** Figures that `GET /kpis/:name/explain` can open down to dossiers, tickets, ratings or cases. */
export const EXPLAINABLE = [
  'received', 'resolved', 'resolvedEarly', 'resolvedOnTime', 'resolvedLate', 'refused', 'withdrawn',
  'pending', 'pendingOverdue', 'pendingDueSoon', 'pendingPaused', 'receivedOnline', 'digitized', 'electronicResult',
  'paidOnline', 'outOfBoundary', 'apologies',
  'served', 'noShow', 'waiting', 'longestWait', 'averageWait', 'p90Wait', 'openCounters', 'responses', 'satisfied', 'dissatisfied', 'dissatisfiedByFault',
  'feedbackReceived', 'feedbackResolved', 'feedbackPending', 'feedbackPendingOverdue', ...DOCUMENT_LISTS,
] as const;
export type Explainable = (typeof EXPLAINABLE)[number];

/**
 * Where units have a life, of which units a list is: as each day's tree had them; carried over to those of today, split ones
 * by shares; or those of today with all codes whose work they have, none divided, as indicators and scores are counted.
 */
export const TREES_OF_LISTS = ['as_of_date', 'now', 'whole'] as const;
export type TreeOfList = (typeof TREES_OF_LISTS)[number];

/** Deadlines as a corrected calendar moved them, or as first reported (docs/design/deadlines.md). */
export const DEADLINES = ['corrected', 'reported'] as const;
export type Deadlines = (typeof DEADLINES)[number];

/** Why no wait is forecast: the desk is closed, too little is known of it, or it closes before the ticket's turn. */
export const FORECAST_REASONS = ['closed', 'little_history', 'closes_first'] as const;
export type ForecastReason = (typeof FORECAST_REASONS)[number];

/** What is wrong with a field of a refused event. */
export const REFUSED_RULES = ['missing', 'wrong_type', 'too_big', 'too_small', 'not_an_instant', 'bad_form', 'not_in_list', 'unclean'] as const;
export type RefusedRule = (typeof REFUSED_RULES)[number];

/** What a tile of a wall's scene shows. */
export const TILE_KINDS = [
  'map', 'figures', 'trend', 'ranking', 'fields', 'queue', 'forecast', 'overdue', 'apologies', 'alerts', 'cameras', 'health', 'satisfaction', 'reasons', 'ratings', 'desk', 'text', 'clock', 'alert',
] as const;
export type TileKind = (typeof TILE_KINDS)[number];
/** Figures that a board can show, in their usual order. */
export const BOARD_FIGURES = ['received', 'resolved', 'onTime', 'pendingOverdue', 'pendingDueSoon', 'satisfied', 'receivedOnline', 'waiting', 'pending', 'pendingPaused', 'served', 'noShow', 'averageWait', 'p90Wait', 'apologies', 'responses', 'dissatisfied', 'feedbackPendingOverdue'] as const;
export type BoardFigure = (typeof BOARD_FIGURES)[number];
/** By what desks are ranked on a wall. */
export const RANKED_BY = ['overdue', 'dueSoon', 'pending', 'waiting', 'onTimeRate', 'satisfiedRate'] as const;
export type RankedBy = (typeof RANKED_BY)[number];
/** By what the areas of the map are coloured. */
export const MAP_COLOURS = ['state', ...RANKED_BY] as const;
export type MapColour = (typeof MAP_COLOURS)[number];
export const TREND_MEASURES = ['satisfiedRate', 'onTimeRate', 'received', 'resolved'] as const;
export type TrendMeasure = (typeof TREND_MEASURES)[number];
/** The scenes that ship (config/scenes), by the last part of their address. */
export const BUILT_IN_SCENES = ['toan-canh', 'hang-cho', 'qua-han', 'hai-long', 'camera', 'don-vi'] as const;

/** The acts of the audit log that are looks at people. */
export const LOOKS = ['live.look', 'recording.play', 'recording.look', 'clip.create', 'clip.download', 'snapshot.take', 'snapshot.look'] as const;
/** What a province may publish without sign-in. */
export const PUBLIC_FIGURES = ['received', 'resolved', 'pending', 'onTimeRate', 'onlineRate', 'satisfiedRate', 'waiting', 'averageWait'] as const;
export type PublicFigure = (typeof PUBLIC_FIGURES)[number];
