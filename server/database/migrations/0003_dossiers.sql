-- Up Migration
-- An event id makes a re-delivery harmless, whenever it comes. A unique index of a hypertable must contain its time
-- column, so the ids have a small table of their own.
CREATE TABLE event_ids (
  kind      smallint NOT NULL,
  event_id  text NOT NULL,
  simulated boolean NOT NULL,
  PRIMARY KEY (kind, event_id)
);

-- What the sources sent, as they sent it. A hypertable where TimescaleDB is there (0007).
CREATE TABLE dossier_events (
  at           timestamptz NOT NULL,
  event_id     text NOT NULL,
  dossier      text NOT NULL,
  status       text NOT NULL,
  body         jsonb NOT NULL,
  source       text NOT NULL,
  simulated    boolean NOT NULL,
  received_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (event_id, at)
);
CREATE INDEX dossier_events_of_dossier ON dossier_events (dossier, at);

-- The fold of its events (analytics/dossier/fold.ts): can be recomputed at any time.
CREATE TABLE dossiers (
  code            text PRIMARY KEY,
  unit            text,
  receiving_unit  text,
  procedure       text,
  channel         text,
  counter         text,
  status          text NOT NULL,
  received_at     timestamptz,
  resolved_at     timestamptz,
  refused_at      timestamptz,
  withdrawn_at    timestamptz,
  closed_at       timestamptz,
  due_at          timestamptz,
  paused_since    timestamptz,
  pauses          tstzmultirange NOT NULL DEFAULT '{}',
  apologies       timestamptz[] NOT NULL DEFAULT '{}',
  facts           jsonb NOT NULL DEFAULT '{}',
  last_at         timestamptz NOT NULL,
  simulated       boolean NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX dossiers_open_due ON dossiers (unit, due_at) WHERE closed_at IS NULL AND received_at IS NOT NULL;
CREATE INDEX dossiers_due ON dossiers (due_at) WHERE closed_at IS NULL AND received_at IS NOT NULL;
CREATE INDEX dossiers_received ON dossiers (unit, received_at);
CREATE INDEX dossiers_closed ON dossiers (unit, closed_at) WHERE closed_at IS NOT NULL;

-- When each unit was last heard of (by the time of its events), for silence.
CREATE TABLE unit_activity (
  unit           text PRIMARY KEY,
  last_event_at  timestamptz NOT NULL,
  simulated      boolean NOT NULL
);

-- Figures are sums over these rows. Dimension 0: all; 1: by procedure; 2: by channel. The list of counters is that of
-- analytics/kpi/counters.ts; a test proves that the two agree.
CREATE TABLE counter_days (
  unit                     text NOT NULL,
  day                      date NOT NULL,
  dimension                smallint NOT NULL,
  key                      text NOT NULL,
  simulated                boolean NOT NULL,
  received                 integer NOT NULL DEFAULT 0,
  resolved                 integer NOT NULL DEFAULT 0,
  resolved_early           integer NOT NULL DEFAULT 0,
  resolved_on_time         integer NOT NULL DEFAULT 0,
  resolved_late            integer NOT NULL DEFAULT 0,
  refused                  integer NOT NULL DEFAULT 0,
  withdrawn                integer NOT NULL DEFAULT 0,
  entered                  integer NOT NULL DEFAULT 0,
  "left"                   integer NOT NULL DEFAULT 0,
  received_online          integer NOT NULL DEFAULT 0,
  channel_known            integer NOT NULL DEFAULT 0,
  digitized                integer NOT NULL DEFAULT 0,
  digitized_known          integer NOT NULL DEFAULT 0,
  electronic_result        integer NOT NULL DEFAULT 0,
  electronic_result_known  integer NOT NULL DEFAULT 0,
  fee_required             integer NOT NULL DEFAULT 0,
  paid_online              integer NOT NULL DEFAULT 0,
  out_of_boundary          integer NOT NULL DEFAULT 0,
  apologies                integer NOT NULL DEFAULT 0,
  tickets_issued           integer NOT NULL DEFAULT 0,
  tickets_served           integer NOT NULL DEFAULT 0,
  tickets_no_show          integer NOT NULL DEFAULT 0,
  waits                    integer NOT NULL DEFAULT 0,
  wait_seconds             bigint NOT NULL DEFAULT 0,
  responses                integer NOT NULL DEFAULT 0,
  satisfied                integer NOT NULL DEFAULT 0,
  dissatisfied             integer NOT NULL DEFAULT 0,
  dissatisfied_by_fault    integer NOT NULL DEFAULT 0,
  cases_received           integer NOT NULL DEFAULT 0,
  cases_resolved           integer NOT NULL DEFAULT 0,
  cases_resolved_on_time   integer NOT NULL DEFAULT 0,
  cases_rated              integer NOT NULL DEFAULT 0,
  cases_satisfied          integer NOT NULL DEFAULT 0,
  PRIMARY KEY (unit, day, dimension, key, simulated)
) WITH (fillfactor = 70);
CREATE INDEX counter_days_by_day ON counter_days (day, dimension);

-- Down Migration
DROP TABLE counter_days;
DROP TABLE unit_activity;
DROP TABLE dossiers;
DROP TABLE dossier_events;
DROP TABLE event_ids;
