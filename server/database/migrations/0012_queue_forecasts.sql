-- Up Migration
-- What was forecast of waiting, every quarter of an hour, and what came: seconds. Kept for some weeks.
CREATE TABLE queue_forecasts (
  unit       text NOT NULL,
  -- The quarter of an hour in which it was made.
  made_at    timestamptz NOT NULL,
  -- Minutes ahead, about: 0, 60, 120.
  ahead      smallint NOT NULL,
  -- Whom it is about: the first ticket issued from here on within a quarter of an hour.
  from_at    timestamptz NOT NULL,
  day        date NOT NULL,
  p10        integer NOT NULL,
  p50        integer NOT NULL,
  p90        integer NOT NULL,
  -- Null when settled: nobody came, or whoever came was never called.
  actual     integer,
  settled    boolean NOT NULL DEFAULT false,
  simulated  boolean NOT NULL,
  PRIMARY KEY (unit, made_at, ahead)
);
CREATE INDEX queue_forecasts_open ON queue_forecasts (from_at) WHERE NOT settled;
CREATE INDEX queue_forecasts_by_age ON queue_forecasts (made_at);

-- Down Migration
DROP TABLE queue_forecasts;
