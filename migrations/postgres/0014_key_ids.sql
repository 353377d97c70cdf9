-- Which keys sealed rows name is asked at every start; a house has few keys and many rows.
CREATE INDEX persons_key ON persons (key_id);
CREATE INDEX submissions_key ON submissions (key_id);
