//! Drafts beside what is in force, claims from above, versions compared, and questions that form a tree.

use chrono::NaiveDate;

use super::*;
use crate::ids::{LineId, StaffId, TextId};
use crate::time::{DAY_MS, Millis, start_of};

const NOW: Millis = 1_795_000_000_000;

fn writer() -> StaffId {
    StaffId::new("dd", "admin")
}

fn reviewer() -> StaffId {
    StaffId::new("dd", "district")
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn next(draft: &Draft, command: DraftCommand, actor: &StaffId) -> Draft {
    match draft.decide(command, actor, 1, NOW, DraftRules::default()).unwrap() {
        DraftOutcome::Draft(draft) => *draft,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_draft_is_reviewed_by_somebody_else_and_published_as_the_next_version() {
    let changed = Matter { promised_days: 7, ..matter() };
    let draft = Draft::begin(matter(), 1, writer());
    let draft = next(&draft, DraftCommand::Save { content: Box::new(changed), base: 1 }, &writer());
    let handed_in = next(&draft, DraftCommand::Submit, &writer());
    let decide = |draft: &Draft, command, actor: &StaffId, rules| draft.decide(command, actor, 1, NOW, rules);
    assert_eq!(decide(&handed_in, DraftCommand::Approve, &writer(), DraftRules::default()), Err(DraftRefusal::OwnDraft));
    assert!(decide(&handed_in, DraftCommand::Approve, &writer(), DraftRules { four_eyes: false }).is_ok(), "a local rule");
    let save = || DraftCommand::Save { content: Box::new(matter()), base: 1 };
    assert_eq!(decide(&handed_in, save(), &writer(), DraftRules::default()), Err(DraftRefusal::Step), "not under the reviewer's hands");
    assert_eq!(decide(&handed_in, DraftCommand::Publish { from: None }, &reviewer(), DraftRules::default()), Err(DraftRefusal::Step));

    let approved = next(&handed_in, DraftCommand::Approve, &reviewer());
    let published = decide(&approved, DraftCommand::Publish { from: None }, &writer(), DraftRules::default()).unwrap();
    let DraftOutcome::Published(published) = published else { panic!("{published:?}") };
    assert_eq!((published.version, published.promised_days, published.state), (2, 7, MatterState::Published));
    // Whoever writes in it again, it is to be looked at again, also by who found it right before.
    let again = next(&approved, save(), &reviewer());
    assert_eq!(again.step.name(), "editing");
    let again = next(&again, DraftCommand::Submit, &writer());
    assert_eq!(decide(&again, DraftCommand::Approve, &reviewer(), DraftRules::default()), Err(DraftRefusal::OwnDraft));
}

#[test]
fn what_is_scheduled_comes_by_itself_and_never_over_a_version_nobody_saw() {
    let draft = next(&Draft::begin(matter(), 1, writer()), DraftCommand::Submit, &writer());
    let draft = next(&draft, DraftCommand::Approve, &reviewer());
    let at = |from: Millis| draft.decide(DraftCommand::Publish { from: Some(from) }, &writer(), 1, NOW, DraftRules::default());
    assert_eq!(at(NOW), Err(DraftRefusal::From));
    assert_eq!(at(NOW + AHEAD_MS_MAX + 1), Err(DraftRefusal::From));
    let scheduled = next(&draft, DraftCommand::Publish { from: Some(NOW + DAY_MS) }, &writer());
    assert_eq!((scheduled.step.name(), scheduled.due_at()), ("scheduled", Some(NOW + DAY_MS)));
    assert_eq!(scheduled.due(1, NOW + DAY_MS - 1), None);
    assert!(matches!(scheduled.due(1, NOW + DAY_MS), Some(Ok(DraftOutcome::Published(_)))));
    assert_eq!(scheduled.due(2, NOW + DAY_MS), Some(Err(DraftRefusal::Outdated)), "an import was faster");
    let discard = scheduled.decide(DraftCommand::Discard, &writer(), 1, NOW, DraftRules::default());
    assert_eq!(discard, Err(DraftRefusal::Step), "first the time is taken back");
    let back = next(&scheduled, DraftCommand::Unschedule, &writer());
    assert_eq!(back.step.name(), "approved");
    assert_eq!(back.decide(DraftCommand::Discard, &writer(), 1, NOW, DraftRules::default()), Ok(DraftOutcome::Gone));
}

#[test]
fn a_draft_that_came_back_says_why_until_it_is_handed_in_again() {
    let note = TextId::new("dd", "note");
    let draft = next(&Draft::begin(matter(), 1, writer()), DraftCommand::Submit, &writer());
    let back = next(&draft, DraftCommand::Return { text: Some(note.clone()) }, &reviewer());
    assert_eq!(back.step, DraftStep::Editing { returned: Some(note.clone()) });
    let saved = next(&back, DraftCommand::Save { content: Box::new(matter()), base: 1 }, &writer());
    assert_eq!(saved.step, DraftStep::Editing { returned: Some(note) });
    assert_eq!(next(&saved, DraftCommand::Submit, &writer()).step.name(), "in_review");
    let stale = saved.decide(DraftCommand::Submit, &writer(), 2, NOW, DraftRules::default());
    assert_eq!(stale, Err(DraftRefusal::Outdated));
    let json = serde_json::to_string(&saved).unwrap();
    assert_eq!(serde_json::from_str::<Draft>(&json).unwrap(), saved);
}

fn claim(delegation: Delegation, expires_on: Option<&str>) -> Claim {
    Claim {
        id: MatterId::new("dsm", "claimed"),
        from: ClaimedFrom {
            matter_id: matter().id, delegation, document: "云政办〔2026〕3号".into(), expires_on: expires_on.map(day)
        },
        local: LocalFields { line_id: Some(LineId::new("dsm", "general")), hours: "周一至周五".into(), ..LocalFields::default() },
        ended_at: None,
        version: 1,
    }
}

#[test]
fn a_claim_reads_the_matter_above_through_and_has_only_its_own_fields() {
    let above = Matter { consultation_phone: "0476-1".into(), promised_days: 5, ..matter() };
    let offered = claim(Delegation::EntrustedAcceptance, None).offered(&above);
    assert_eq!((offered.id.as_str(), offered.promised_days, offered.consultation_phone.as_str()), ("m_dsm_claimed", 5, "0476-1"));
    assert_eq!((offered.details.hours.as_str(), offered.version, &offered.materials), ("周一至周五", above.version, &above.materials));
    let later = Matter { promised_days: 3, version: 9, ..above };
    assert_eq!(claim(Delegation::Authorised, None).offered(&later).promised_days, 3, "a change above is one here at once");
}

#[test]
fn the_way_of_a_claim_decides_what_the_site_may_do() {
    let ways = [(Delegation::EntrustedAcceptance, true, false), (Delegation::Authorised, true, true), (Delegation::Assisted, false, false)];
    for (way, accepts, decides) in ways {
        let offered = claim(way, None).offered(&matter());
        assert_eq!((offered.takes_cases(), offered.snapshot(&[], "部门", true).site_decides), (accepts, decides), "{way:?}");
    }
    assert!(matter().takes_cases() && matter().snapshot(&[], "部门", true).site_decides, "a matter of its own");
}

#[test]
fn a_claim_ends_after_its_last_day_and_says_so_before() {
    let claim = claim(Delegation::Authorised, Some("2026-12-31"));
    assert_eq!(claim.not_offered(&matter(), day("2026-12-31")), None, "its last day counts");
    assert_eq!(claim.not_offered(&matter(), day("2027-01-01")), Some(NotOffered::Expired));
    assert_eq!(claim.not_offered(&Matter { state: MatterState::Retired, ..matter() }, day("2026-01-01")), Some(NotOffered::RetiredAbove));
    let (warned, over) = (start_of(day("2026-12-01")), start_of(day("2027-01-01")));
    assert_eq!((claim.notice(warned - 1), claim.watch_at(warned - 1)), (None, Some(warned)));
    assert_eq!((claim.notice(warned), claim.watch_at(warned)), (Some(ClaimNotice::Expiring), Some(over)));
    assert_eq!((claim.notice(over), claim.watch_at(over)), (Some(ClaimNotice::Expired), None));
    let ended = Claim { ended_at: Some(1), ..claim };
    assert_eq!((ended.notice(over), ended.watch_at(0)), (None, None));
    assert_eq!(ended.not_offered(&matter(), day("2026-01-01")), Some(NotOffered::Ended));
}

#[test]
fn versions_are_compared_field_by_field() {
    let mut after = matter();
    after.promised_days = 7;
    after.details.hours = "全天".into();
    after.materials.remove(1);
    after.materials[0].copies = 2;
    after.materials.push(material("new", &[]));
    let fields = compare(&matter(), &after);
    let changed: Vec<(&str, &str, &str)> =
        fields.iter().filter(|one| one.is_changed()).map(|one| (one.field.as_str(), one.before.as_str(), one.after.as_str())).collect();
    let gone: Vec<&&str> = changed.iter().filter(|(field, ..)| field.contains("sick")).map(|(field, ..)| field).collect();
    assert!(changed.contains(&("promised_days", "10 个工作日", "7 个工作日")));
    assert!(changed.contains(&("details.hours", "", "全天")));
    assert!(changed.contains(&("materials.mt_dc_always.copies", "原件 1，复印件 0", "原件 1，复印件 2")));
    assert!(changed.contains(&("materials.mt_dc_new.name", "", "new")) && gone.len() == 7, "{changed:?}");
    assert!(compare(&matter(), &matter()).iter().all(|one| !one.is_changed()));
    let unique: std::collections::BTreeSet<&str> = fields.iter().map(|one| one.field.as_str()).collect();
    assert_eq!(unique.len(), fields.len(), "every field once");
}

#[test]
fn questions_form_a_tree_and_only_those_that_are_asked_count() {
    let mut tree = matter();
    tree.situations[1].asked_if = vec![situation("agent")];
    assert_eq!(tree.checked(), vec![]);
    assert_eq!(tree.situation_faults(&[situation("self")]), vec![]);
    assert_eq!(tree.situation_faults(&[situation("agent")]), vec![SituationFault::Unanswered(1)]);
    assert_eq!(tree.situation_faults(&[situation("self"), situation("ill")]), vec![SituationFault::NotAsked(1)]);
    assert_eq!(tree.situation_faults(&[situation("agent"), situation("ill")]), vec![]);
    tree.situations[0].asked_if = vec![situation("ill")];
    assert_eq!(tree.checked()[0].field, "situations[0].asked_if", "only answers to earlier questions");
}

#[test]
fn every_wrong_field_of_a_matter_is_told_and_rare_characters_stay() {
    let mut sound = matter();
    sound.name = "  㐂𠮷·阿依古丽  ".into();
    assert_eq!(sound.checked(), vec![]);
    assert_eq!(sound.name, "㐂𠮷·阿依古丽");
    let mut wrong = matter();
    wrong.name = String::new();
    wrong.promised_days = 40;
    wrong.applicant_kinds.clear();
    wrong.materials[1].tolerable = true;
    wrong.materials[1].required = false;
    wrong.materials[2].situation_ids = vec![situation("nobody")];
    wrong.situations[0].options.truncate(1);
    wrong.details.video = Some(GuideVideo { title: "看".into(), url: "javascript:x".into(), ..GuideVideo::default() });
    let fields: Vec<String> = wrong.checked().into_iter().map(|fault| fault.field).collect();
    assert_eq!(
        fields,
        [
            "name",
            "promised_days",
            "applicant_kinds",
            "situations[0].options",
            "materials[1].tolerable",
            "materials[2].situation_ids",
            "details.video.url"
        ]
    );
}

#[test]
fn a_picture_says_what_is_on_it_and_a_film_what_is_said_in_it() {
    let file = Some("0a".repeat(32));
    let picture = |alt: &str, file: Option<String>| GuidePicture {
        icon: "doc".into(),
        title: "带上这些".into(),
        alt: alt.into(),
        file,
        ..GuidePicture::default()
    };
    let mut wrong = matter();
    wrong.details.pictures =
        vec![picture("", file.clone()), picture("户口本首页", file.clone()), picture("", None), picture("图", Some("../x".into()))];
    wrong.details.video = Some(GuideVideo { title: "看".into(), url: "https://x".into(), file: file.clone(), ..GuideVideo::default() });
    let fields: Vec<String> = wrong.checked().into_iter().map(|fault| fault.field).collect();
    assert_eq!(fields, ["details.pictures[0].alt", "details.pictures[3].file", "details.video.url", "details.video.transcript"]);
    wrong.details.pictures.truncate(2);
    wrong.details.pictures[0].alt = "身份证正面".into();
    wrong.details.video = Some(GuideVideo { title: "看".into(), transcript: "先取号".into(), file, ..GuideVideo::default() });
    assert_eq!(wrong.checked(), vec![]);
    assert_eq!(wrong.details.files().count(), 3);
    // What was written before there were files is read as it was.
    let old: GuidePicture = serde_json::from_str(r#"{"icon":"doc","title":"取号"}"#).unwrap_or_default();
    assert_eq!((old.title.as_str(), old.file), ("取号", None));
}
