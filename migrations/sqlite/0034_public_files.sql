-- A picture or film that is meant to be seen by everybody: of a matter's guide, or the photo of a member of staff
-- (`of_id` is whose it is). Its content lies sealed in `file_parts` like every other; this row is what lets it out.
-- `named`: a draft or version of the matter shows it, or the account has it; else it is forgotten after a day.
CREATE TABLE public_files (
    site_id TEXT NOT NULL,
    of_id TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    media_type TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    named BOOLEAN NOT NULL,
    PRIMARY KEY (site_id, of_id, sha256)
);
CREATE INDEX public_files_by_content ON public_files (site_id, sha256);
