// What an applicant agrees to who lets the window use what was handed in before; the server knows the same words under
// this version and refuses another.
export const CONSENT_VERSION = 1;
export const CONSENT_TEXT =
  '我同意窗口为办这一件事，查看并使用我以前在这里办件时交过的材料和填过的申请信息。用哪几样由我当场确认。受理之前我可以随时撤回；撤回以后，这些材料要重新交。';
