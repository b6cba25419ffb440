-- Up Migration
-- Events as they came, of the four smaller kinds in one table each with its folded state beside it.
CREATE TABLE queue_events (
  at           timestamptz NOT NULL,
  event_id     text NOT NULL,
  ticket_key   text NOT NULL,
  status       text NOT NULL,
  body         jsonb NOT NULL,
  source       text NOT NULL,
  simulated    boolean NOT NULL,
  received_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (event_id, at)
);
CREATE INDEX queue_events_of_ticket ON queue_events (ticket_key, at);

-- A ticket number starts again every day: the key is unit, local day, number.
CREATE TABLE tickets (
  key           text PRIMARY KEY,
  unit          text NOT NULL,
  ticket        text NOT NULL,
  day           date NOT NULL,
  counter       text,
  procedure     text,
  issued_at     timestamptz,
  called_at     timestamptz,
  served_at     timestamptz,
  no_show_at    timestamptz,
  waited_until  timestamptz,
  last_at       timestamptz NOT NULL,
  simulated     boolean NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX tickets_of_day ON tickets (day, unit);

CREATE TABLE surveys (
  at           timestamptz NOT NULL,
  event_id     text NOT NULL,
  unit         text NOT NULL,
  rating       smallint NOT NULL,
  fault        boolean NOT NULL,
  counter      text,
  dossier      text,
  ticket       text,
  channel      text NOT NULL,
  reasons      text[] NOT NULL DEFAULT '{}',
  source       text NOT NULL,
  simulated    boolean NOT NULL,
  received_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (event_id, at)
);
CREATE INDEX surveys_of_unit ON surveys (unit, at);

CREATE TABLE feedback_events (
  at           timestamptz NOT NULL,
  event_id     text NOT NULL,
  case_code    text NOT NULL,
  body         jsonb NOT NULL,
  source       text NOT NULL,
  simulated    boolean NOT NULL,
  received_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (event_id, at)
);
CREATE INDEX feedback_events_of_case ON feedback_events (case_code, at);

CREATE TABLE feedback_cases (
  code         text PRIMARY KEY,
  unit         text NOT NULL,
  status       text NOT NULL,
  category     text,
  received_at  timestamptz,
  resolved_at  timestamptz,
  due_at       timestamptz,
  satisfied    boolean,
  last_at      timestamptz NOT NULL,
  simulated    boolean NOT NULL
);
CREATE INDEX feedback_cases_of_unit ON feedback_cases (unit, received_at);

-- Figures that have no events (certified copies, SMS, SIPAS …): the latest of (unit, indicator, period) counts.
CREATE TABLE indicators (
  event_id     text PRIMARY KEY,
  unit         text NOT NULL,
  indicator    text NOT NULL,
  period       text NOT NULL,
  value        double precision NOT NULL,
  channel      text NOT NULL,
  source       text NOT NULL,
  simulated    boolean NOT NULL,
  received_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX indicators_of_unit ON indicators (unit, indicator, period);

-- Down Migration
DROP TABLE indicators;
DROP TABLE feedback_cases;
DROP TABLE feedback_events;
DROP TABLE surveys;
DROP TABLE tickets;
DROP TABLE queue_events;
