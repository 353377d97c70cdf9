-- What somebody set a device to beside where it stands: paper in the cupboard, what is asked of its page.
ALTER TABLE devices ADD COLUMN settings TEXT;

-- The newest picture of what a display shows; each replaces the one before.
CREATE TABLE device_pictures (
    site_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    taken_at BIGINT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (site_id, device_id)
);
