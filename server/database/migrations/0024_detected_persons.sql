-- Up Migration
-- What a detector of the operator's counted beside the activity of a minute; null where there is none, or it did not answer.
ALTER TABLE camera_minutes ADD COLUMN staff_persons real, ADD COLUMN public_persons real;

-- Down Migration
ALTER TABLE camera_minutes DROP COLUMN staff_persons, DROP COLUMN public_persons;
