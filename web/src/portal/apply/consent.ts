// What an applicant agrees to who lets the window use what was handed in before are the words `apply.reuse.text`; the
// server knows the Chinese ones under this version and refuses another.
export const CONSENT_VERSION = 1;
