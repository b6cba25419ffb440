-- Up Migration
-- Units have a life: the same code may mean another unit at another time (three codes of Đồng Nai were re-used).
-- Null dates: from always, for ever. Filled from config/units at every start.
CREATE TABLE units (
  code        text NOT NULL,
  valid_from  date NOT NULL DEFAULT '-infinity',
  valid_to    date,
  name        text NOT NULL,
  level       text NOT NULL,
  kind        text NOT NULL,
  parent      text,
  lat         double precision,
  lon         double precision,
  PRIMARY KEY (code, valid_from)
);

-- Small facts that the centre keeps about itself: how far the simulated history has come, the head of the audit chain.
CREATE TABLE settings (
  name        text PRIMARY KEY,
  value       jsonb NOT NULL,
  changed_at  timestamptz NOT NULL DEFAULT now()
);

-- Down Migration
DROP TABLE settings;
DROP TABLE units;
