-- Which kiosks a person lets keep the hall, and an address that a kiosk claims and nobody confirmed yet. Whoever is in
-- office was appointed by a person.
ALTER TABLE keepers ADD COLUMN claimed TEXT;
ALTER TABLE keepers ADD COLUMN allowed BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE keepers SET allowed = is_keeper;
