//! 一件事一次告知单: what is still to be mended of all cases of a joint case, on one sheet beside each case's own. What
//! several of them ask for and is shared stands on it once. Its code bears the number of the first case.

use documents::{Paper, Part, SealMark, Verify};
use domain::case::{Case, CorrectionNotice};
use domain::ids::{BundleCaseId, is_practice};
use domain::papers::JOINT_CORRECTION;
use domain::rights::Operation;
use domain::time::{Millis, rfc3339};

use super::content::{Words, day, fact, reused};
use super::texts::Texts;
use super::{PRACTICE_MARK, PaperView, VerifiedView, coded, made};
use crate::app::App;
use crate::app::caller::StaffCaller;
use crate::app::cases::Joint;
use crate::app::error::{Answer, AppError};
use crate::store::ChangeSet;

/// The name in addresses, and in the log.
const KIND: &str = "correction";
const LOGGED_AS: &str = JOINT_CORRECTION.name;
const TITLE: &str = JOINT_CORRECTION.title;

/// A point of the notice and the matters that ask for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) text: String,
    pub(super) basis: String,
    /// The shared material it is about, by its place.
    pub(super) group: Option<usize>,
    pub(super) matters: Vec<String>,
}

/// When the newest of the notices was given; `None` while there is none.
fn since(cases: &[Case]) -> Option<Millis> {
    cases.iter().filter_map(|case| case.notices.last()).map(|notice| notice.at).max()
}

/// The notice of a case that stood at an instant: given, and what it asks for not yet handed in.
fn standing(case: &Case, at: Millis) -> Option<&CorrectionNotice> {
    let given = case.notices.iter().rev().find(|notice| notice.at <= at)?;
    Some(given).filter(|notice| notice.supplied_at.is_none_or(|supplied| supplied > at))
}

/// Adds a point; what is asked for a shared material in the same words stands there once.
fn add(points: &mut Vec<Point>, point: Point) {
    let is_same =
        |known: &&mut Point| known.group.is_some() && (known.group, &known.text, &known.basis) == (point.group, &point.text, &point.basis);
    match points.iter_mut().find(is_same) {
        Some(known) => known.matters.extend(point.matters),
        None => points.push(point),
    }
}

pub(super) fn paper(
    at: Millis,
    joint: &Joint,
    points: &[Point],
    words: &Words,
    texts: &Texts,
    seal: Option<SealMark>,
    verify: Verify,
) -> Paper {
    let names: Vec<&str> = joint.cases.iter().map(|case| case.matter.name.as_str()).collect();
    let names = names.join("、");
    let row = |(place, point): (usize, &Point)| {
        let whom = if point.matters.len() == joint.cases.len() { "几件都要".to_owned() } else { point.matters.join("、") };
        vec![(place + 1).to_string(), point.text.clone(), whom, point.basis.clone()]
    };
    let case = |case: &Case| {
        let now = if standing(case, at).is_none() { "不用补，接着办" } else { "要补正" };
        vec![case.matter.name.clone(), case.number.clone(), case.query_code.clone(), now.to_owned()]
    };
    let mut parts = vec![
        Part::Text { text: texts.say("opening", &[("bundle", joint.name.as_str()), ("matters", names.as_str())]) },
        Part::Table {
            heading: "需要补正的内容".to_owned(),
            head: ["序号", "补正什么", "哪几件要", "依据"].map(str::to_owned).to_vec(),
            widths: vec![2, 9, 7, 7],
            rows: points.iter().enumerate().map(row).collect(),
        },
    ];
    parts.extend(joint.cases.iter().filter_map(reused));
    parts.extend([
        Part::Table {
            heading: "各个办件".to_owned(),
            head: ["事项", "办件编号", "查询码", "现在"].map(str::to_owned).to_vec(),
            widths: vec![5, 5, 3, 3],
            rows: joint.cases.iter().map(case).collect(),
        },
        Part::Facts {
            rows: vec![fact("怎么补", &texts.say("how", &[])), fact("什么时候", &format!("自告知之日起 {} 日内", words.lapse_days))],
        },
        Part::Text { text: texts.say("consequence", &[]) },
    ]);
    parts.extend(["note", "contact"].iter().filter_map(|name| texts.part(name, &[])));
    let issuer = texts.say("issuer", &[]);
    Paper {
        sealed_by: Some(issuer.clone()),
        issuer,
        title: TITLE.to_owned(),
        number: format!("一件事编号 {}", joint.number),
        addressee: Some(words.applicant_name.clone()),
        parts,
        seal,
        date: day(at),
        signatures: ["窗口人员签字", "申请人签字"].map(str::to_owned).to_vec(),
        verify: Some(verify),
        mark: words.mark.clone(),
    }
}

impl App {
    /// The papers that a joint case has beside those of its cases.
    ///
    /// # Errors
    /// 404, 403.
    pub async fn joint_papers(&self, caller: &StaffCaller, id: &BundleCaseId) -> Answer<Vec<PaperView>> {
        let (joint, _) = self.readable_joint(caller, Operation::ReadCase, id).await?;
        let view = |at| PaperView {
            kind: KIND.to_owned(),
            title: TITLE.to_owned(),
            at: rfc3339(at),
            url: format!("/api/v1/bundle-cases/{id}/documents/{KIND}.pdf"),
        };
        Ok(since(&joint.cases).map(view).into_iter().collect())
    }

    /// One of them as PDF, by its name. It names the applicant in full, so that the read is recorded first.
    ///
    /// # Errors
    /// 404 when there is no such paper, 403; 503 `fonts_missing`.
    pub async fn joint_paper(&self, caller: &StaffCaller, id: &BundleCaseId, kind: &str) -> Answer<Vec<u8>> {
        let (joint, permit) = self.readable_joint(caller, Operation::RevealCase, id).await?;
        let at = since(&joint.cases).filter(|_| kind == KIND).ok_or(AppError::NotFound)?;
        let first = joint.cases.first().ok_or(AppError::NotFound)?;
        let points = self.joint_points(&joint, at).await?;
        let words = self.joint_words(first).await?;
        let mut set = ChangeSet::new(permit.site_id());
        let what = ("paper", serde_json::json!(LOGGED_AS));
        set.events.push(self.person_read(
            &permit,
            ("bundle_case", id.as_str()),
            first.applicant.as_str(),
            serde_json::json!(["name"]),
            what,
        ));
        self.commit(set).await?;
        let code = self.joint_code(first, id, at);
        let verify = Verify { url: format!("{}/verify/{code}", self.settings.public_url), code: code.clone() };
        let site_id = permit.site_id();
        let texts = self.texts_at(site_id, &JOINT_CORRECTION, &first.matter.department_name, at).await?;
        let seal = self.seal_on(site_id, &JOINT_CORRECTION, first.matter.department.as_str(), at).await?;
        made(paper(at, &joint, &points, &words, &texts, seal, verify), code).await
    }

    async fn joint_words(&self, first: &Case) -> Answer<Words> {
        let site_id = first.site.as_str();
        Ok(Words {
            site_name: self.directory.get().site(site_id)?.name.clone(),
            applicant_name: self.person_data(site_id, first.applicant.as_str()).await?.name.unwrap_or_default(),
            lapse_days: self.settings.cases.policy.correction_lapse_days,
            mark: is_practice(site_id).then(|| PRACTICE_MARK.to_owned()),
            ..Words::default()
        })
    }

    async fn joint_points(&self, joint: &Joint, at: Millis) -> Answer<Vec<Point>> {
        let mut points = Vec::new();
        for case in &joint.cases {
            for item in standing(case, at).map(|notice| notice.items.as_slice()).unwrap_or_default() {
                let group =
                    joint.shared.iter().position(|shared| item.material.as_ref().is_some_and(|id| shared.material_ids.contains(id)));
                let text = self.text(case.site.as_str(), item.text.as_str()).await?;
                add(&mut points, Point { text, basis: item.basis.clone(), group, matters: vec![case.matter.name.clone()] });
            }
        }
        Ok(points)
    }

    /// What is told to whoever holds the joint paper of a case with this code; `None` when it has none with it.
    pub(super) async fn verified_joint(&self, case: &Case, wanted: &str) -> Answer<Option<VerifiedView>> {
        let Some(id) = &case.bundle_case else { return Ok(None) };
        let joint = self.joint_of(case.site.as_str(), id).await?;
        if joint.cases.first().is_none_or(|first| first.id != case.id) {
            return Ok(None);
        }
        let mut given = joint.cases.iter().flat_map(|case| &case.notices).map(|notice| notice.at);
        let Some(at) = given.find(|at| self.joint_code(case, id, *at) == wanted) else { return Ok(None) };
        let mut departments: Vec<&str> = Vec::new();
        for case in &joint.cases {
            if !departments.contains(&case.matter.department_name.as_str()) {
                departments.push(&case.matter.department_name);
            }
        }
        Ok(Some(VerifiedView {
            title: TITLE.to_owned(),
            number: joint.number.clone(),
            matter_name: joint.name.clone(),
            site_name: self.directory.get().site(case.site.as_str())?.name.clone(),
            department_name: departments.join("、"),
            applicant_name: self.masked_person(case.site.as_str(), case.applicant.as_str()).await?.name,
            at: rfc3339(at),
            revoked: false,
        }))
    }

    fn joint_code(&self, first: &Case, id: &BundleCaseId, at: Millis) -> String {
        coded(&first.number, &self.vault.blind_index("paper_code", &format!("{id} {LOGGED_AS} {at}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shared_stands_there_once_and_other_words_stand_alone() {
        let point = |text: &str, group: Option<usize>, matter: &str| Point {
            text: text.to_owned(),
            basis: "条例".to_owned(),
            group,
            matters: vec![matter.to_owned()],
        };
        let mut points = Vec::new();
        for one in [
            point("身份证过期", Some(0), "甲"),
            point("缺签字", None, "甲"),
            point("身份证过期", Some(0), "乙"),
            point("身份证不清楚", Some(0), "丙"),
            point("缺签字", None, "乙"),
        ] {
            add(&mut points, one);
        }
        let told: Vec<(&str, String)> = points.iter().map(|one| (one.text.as_str(), one.matters.join("、"))).collect();
        let wanted = [("身份证过期", "甲、乙"), ("缺签字", "甲"), ("身份证不清楚", "丙"), ("缺签字", "乙")];
        assert_eq!(told, wanted.map(|(text, matters)| (text, matters.to_owned())));
    }
}
