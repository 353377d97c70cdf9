//! From what somebody wants to the line of the number: a line by name, or matters. Everything that is
//! wrong with any of the matters is told at once.

use domain::catalogue::{ApplicantKind, Matter};
use domain::ids::{LineId, MatterId};

use super::IssueRequest;
use crate::app::App;
use crate::app::error::{Answer, FieldErrors};
use crate::app::matters::out_of_dates;

/// Matters on one ticket.
pub const MATTERS_MAX: usize = 10;

/// Where a number stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line_id: LineId,
    /// Lines of the other matters.
    pub(super) also_line_ids: Vec<LineId>,
    pub(super) matter_ids: Vec<MatterId>,
}

impl App {
    /// Where a number stands for what is asked; `None` when something was wrong.
    pub(super) async fn place(&self, site_id: &str, request: &IssueRequest, errors: &mut FieldErrors) -> Answer<Option<Place>> {
        match (&request.line_id, &request.matter_ids) {
            (Some(line), None) => {
                let line = errors.some(LineId::parse(line), "line_id", "unknown", "没有这条队");
                Ok(line.map(|line_id| Place { line_id, also_line_ids: Vec::new(), matter_ids: Vec::new() }))
            }
            (None, Some(matters)) if (1..=MATTERS_MAX).contains(&matters.len()) => {
                let kind = applicant_kind(request, errors);
                self.place_of_matters(site_id, matters, kind, errors).await
            }
            (None, Some(_)) => {
                errors.add("matter_ids", "count", format!("选 1 到 {MATTERS_MAX} 个事项"));
                Ok(None)
            }
            _ => {
                errors.add("line_id", "one_of", "队列和事项选一样");
                Ok(None)
            }
        }
    }

    async fn place_of_matters(
        &self,
        site_id: &str,
        matters: &[String],
        kind: Option<ApplicantKind>,
        errors: &mut FieldErrors,
    ) -> Answer<Option<Place>> {
        let (mut line_ids, mut matter_ids, mut of_matters) = (Vec::new(), Vec::new(), Vec::new());
        for (place, text) in matters.iter().enumerate() {
            let field = format!("matter_ids[{place}]");
            let row = match MatterId::parse(text) {
                Some(id) => self.catalogue_row(site_id, id.as_str()).await?.map(|row| (id, row)),
                None => None,
            };
            let Some((id, row)) = row else {
                errors.add(&field, "unknown", "这个大厅不办这个事项");
                continue;
            };
            if matter_ids.contains(&id) {
                errors.add(&field, "duplicate", "同一个事项选了两次");
                continue;
            }
            matter_ids.push(id);
            if row.state == "expired" {
                errors.add(&field, "claim_expired", format!("“{}”的委托到期了，暂时不在这里办，请到导办台问", row.name));
                continue;
            }
            if let Some((code, message)) = out_of_dates(&row)? {
                errors.add(&field, code, message);
                continue;
            }
            if row.state != "published" {
                errors.add(&field, "not_offered", format!("“{}”现在不办了，请到导办台问", row.name));
                continue;
            }
            let matter: Matter = serde_json::from_str(&row.doc)?;
            if kind.is_some_and(|kind| !matter.applicant_kinds.is_empty() && !matter.applicant_kinds.contains(&kind)) {
                errors.add(&field, "applicant_kind", format!("“{}”只办给{}", row.name, kinds_text(&matter.applicant_kinds)));
            }
            let Some(line_id) = row.line_id.as_deref().and_then(LineId::parse) else {
                errors.add(&field, "no_line", format!("“{}”不在这里取号，请到导办台", row.name));
                continue;
            };
            of_matters.push((field, row.name, line_id.clone()));
            if !line_ids.contains(&line_id) {
                line_ids.push(line_id);
            }
        }
        let line_id = match line_ids.as_slice() {
            [] => None,
            [only] => Some(only.clone()),
            several => self.hall(site_id).await?.line_for_all(several),
        };
        let Some(line_id) = line_id else {
            // The first matter gives the measure: those that no window does together with it stand apart.
            let hall = self.hall(site_id).await?;
            let mut together: Vec<LineId> = line_ids.iter().take(1).cloned().collect();
            for (field, name, line_id) in of_matters {
                if together.contains(&line_id) {
                    continue;
                }
                together.push(line_id);
                if hall.line_for_all(&together).is_none() {
                    together.pop();
                    errors.add(&field, "other_line", format!("没有一个窗口能一起办“{name}”，请另取一个号"));
                }
            }
            return Ok(None);
        };
        line_ids.retain(|other| *other != line_id);
        Ok(Some(Place { line_id, also_line_ids: line_ids, matter_ids }))
    }
}

/// The kind of applicant: as told, else as the holder's document tells.
fn applicant_kind(request: &IssueRequest, errors: &mut FieldErrors) -> Option<ApplicantKind> {
    if let Some(word) = &request.applicant_kind {
        let kind = serde_json::from_value(serde_json::Value::String(word.clone())).ok();
        return errors.some(kind, "applicant_kind", "unknown", "选一种申请人类型");
    }
    let id_type = request.holder.as_ref().and_then(|holder| holder.id_type.as_deref());
    // A uniform social credit code does not tell which kind of organisation has it.
    id_type.filter(|id_type| *id_type != "uscc" && *id_type != "other").map(|_| ApplicantKind::Person)
}

fn kinds_text(kinds: &[ApplicantKind]) -> String {
    let word = |kind: &ApplicantKind| match kind {
        ApplicantKind::Person => "个人",
        ApplicantKind::Enterprise => "企业",
        ApplicantKind::Institution => "事业单位",
        ApplicantKind::SocialOrg => "社会组织",
        ApplicantKind::Agency => "机关",
        ApplicantKind::Other => "其他单位",
    };
    kinds.iter().map(word).collect::<Vec<_>>().join("、")
}
