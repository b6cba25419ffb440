-- Up Migration
-- Several screens as one large wall: a row of its own among the screens, with rows, columns, bezels and who stands where.
ALTER TABLE screens ADD COLUMN wall jsonb;

-- Down Migration
DELETE FROM screens WHERE wall IS NOT NULL;
ALTER TABLE screens DROP COLUMN wall;
