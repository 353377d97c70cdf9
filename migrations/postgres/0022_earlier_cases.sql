-- Earlier cases of the person who sits at the window.
CREATE INDEX cases_applicant ON cases (site_id, applicant_id);
