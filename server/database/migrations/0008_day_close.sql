-- Up Migration
-- What the sources told of a day, as they told it: the newest of (unit, day, key) counts, earlier ones are kept.
CREATE TABLE day_closes (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  unit       text NOT NULL,
  day        date NOT NULL,
  key_id     text NOT NULL,
  received   integer,
  resolved   integer,
  pending    integer,
  sent_at    timestamptz NOT NULL,
  simulated  boolean NOT NULL
);
CREATE INDEX day_closes_of_day ON day_closes (unit, day, simulated, key_id, id DESC);

-- How such a day stands against our counters (analytics/coverage/dayClose.ts).
CREATE TABLE day_states (
  unit         text NOT NULL,
  day          date NOT NULL,
  simulated    boolean NOT NULL,
  matches      boolean NOT NULL,
  received     integer NOT NULL,
  resolved     integer NOT NULL,
  pending      integer NOT NULL,
  farthest     integer NOT NULL,
  closed_at    timestamptz,
  reopened_at  timestamptz,
  late_events  integer NOT NULL,
  late_total   integer NOT NULL,
  reopenings   integer NOT NULL,
  changed_at   timestamptz NOT NULL,
  PRIMARY KEY (unit, day, simulated)
) WITH (fillfactor = 80);
CREATE INDEX day_states_apart ON day_states (day) WHERE NOT matches;

-- Events by unit and hour of the centre's zone, for each unit's weekly rhythm (analytics/coverage/rhythm.ts). Kept for
-- some weeks before the unit was last heard of. Begins empty: until it is full, the fixed limit holds.
CREATE TABLE unit_hours (
  unit       text NOT NULL,
  day        date NOT NULL,
  hour       smallint NOT NULL,
  simulated  boolean NOT NULL,
  events     integer NOT NULL,
  PRIMARY KEY (unit, day, hour, simulated)
) WITH (fillfactor = 70);

-- Down Migration
DROP TABLE unit_hours;
DROP TABLE day_states;
DROP TABLE day_closes;
