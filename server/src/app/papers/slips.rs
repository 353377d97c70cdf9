//! Short papers of a case on the hall's slip printer, beside the PDF: what was received, that it was accepted, that the
//! certificate can be fetched. No name and no number of a person stands on them (a slip lies in the outbox and in a
//! printer), and no words that somebody wrote: so the 一次性告知书, which is such words, stays a PDF.

use domain::case::{Case, MaterialEntry};
use domain::ids::{CaseId, is_practice};
use domain::rights::Operation;
use domain::time::Millis;
use protocol::slip::{DocumentKind, DocumentSlip, Slip, SlipItem, SlipQr, SlipRow};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::content::{date, day, handling, minute};
use super::kinds::{Issued, PaperKind};
use crate::app::App;
use crate::app::caller::StaffCaller;
use crate::app::error::{Answer, AppError};
use crate::app::retry::{Outcome, Retry};

/// Which short paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaseSlip {
    /// 材料接收凭证.
    Receipt,
    /// 受理回执.
    Acceptance,
    /// 取证通知.
    Pickup,
}

/// Body of `POST /cases/{case}/slips`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseSlipRequest {
    /// Which short paper.
    pub kind: CaseSlip,
}

impl CaseSlip {
    fn name(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Acceptance => "acceptance",
            Self::Pickup => "pickup",
        }
    }

    /// The paper whose short form it is, among those that were issued.
    fn is_short_of(self, paper: &Issued) -> bool {
        match self {
            Self::Receipt => paper.kind == PaperKind::Receipt,
            Self::Acceptance => matches!(paper.kind, PaperKind::Acceptance | PaperKind::TolerantAcceptance),
            Self::Pickup => false,
        }
    }
}

/// The house around a case.
struct House {
    name: String,
    phone: Option<String>,
    address: Option<String>,
    tracking_url: String,
    /// The promised last day.
    due: Option<chrono::NaiveDate>,
    is_practice: bool,
}

impl App {
    /// Prints a short paper of a case on a printer of its hall.
    ///
    /// # Errors
    /// 404, 403; 409 when the case has no such paper, or the hall no printer.
    pub async fn print_case_slip(
        &self,
        caller: &StaffCaller,
        id: &CaseId,
        request: Answer<CaseSlipRequest>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let (case, permit) = self.readable(caller, Operation::DeliverNotice, id).await?;
        let kind = request?.kind;
        let site_id = permit.site_id();
        self.once(site_id, retry, || async {
            let (case, at) = self.told_by(kind, &case).await?.ok_or_else(|| AppError::refused("no_such_paper", "这件现在没有这张单子"))?;
            // A practice hall prints on the printers of its hall.
            if !is_practice(site_id) && self.printer_beside(site_id).await?.is_none() {
                return Err(AppError::refused("no_printer", "大厅没有打印机，请打印 PDF"));
            }
            let slip = Slip::Document(slip(kind, at, &case, self.house_of(&case)?));
            self.slip_owed(&permit, &slip, "case_slip_printed", json!({ "case": case.id, "slip": kind.name() }))
        })
        .await
    }

    /// The case that a short paper tells of, and since when: as it was at the issue of the paper whose short form it is.
    async fn told_by(&self, kind: CaseSlip, case: &Case) -> Answer<Option<(Case, Millis)>> {
        if kind == CaseSlip::Pickup {
            return Ok(case.waiting_certificate().map(|certificate| (case.clone(), certificate.made_at)));
        }
        let paper = self.issued_papers(case).await?.into_iter().rev().find(|paper| kind.is_short_of(paper));
        Ok(paper.map(|paper| (paper.case, paper.event.at)))
    }

    fn house_of(&self, case: &Case) -> Answer<House> {
        let listing = self.directory.get();
        let site = listing.site(case.site.as_str())?;
        Ok(House {
            name: site.name.clone(),
            phone: Some(site.phone.clone()).filter(|phone| !phone.is_empty()),
            address: Some(site.address.clone()).filter(|address| !address.is_empty()),
            tracking_url: format!("{}/t/{}", self.settings.public_url, case.tracking_code),
            due: case.decision_clock().and_then(|clock| clock.due(&listing.calendar).ok()),
            is_practice: is_practice(case.site.as_str()),
        })
    }
}

fn slip(kind: CaseSlip, at: Millis, case: &Case, house: House) -> DocumentSlip {
    let row = |label: &str, value: &str| SlipRow { label: label.to_owned(), value: value.to_owned() };
    let mut rows = vec![row("事项", &case.matter.name), row("办件编号", &case.number)];
    let (document, title, items_title, items, notes) = match kind {
        CaseSlip::Receipt => {
            rows.extend([row("查询码", &case.query_code), row("收件时间", &minute(at))]);
            let received: Vec<SlipItem> =
                case.materials.iter().filter(|entry| entry.status.is_present()).map(|entry| item(case, entry)).collect();
            let title = (!received.is_empty()).then(|| format!("收到这 {} 件材料", received.len()));
            let note = "收到不等于受理；齐不齐、受不受理，五个工作日内一次告知。".to_owned();
            (DocumentKind::MaterialReceipt, "材料接收凭证", title, received, vec![note])
        }
        CaseSlip::Acceptance => {
            rows.extend([row("查询码", &case.query_code), row("承办部门", &case.matter.department_name), row("受理日期", &day(at))]);
            rows.extend(house.due.map(|due| row("最晚办好", &date(due))));
            let note = "正式的受理通知书可以向窗口要。".to_owned();
            (DocumentKind::AcceptanceReceipt, "受理回执", None, Vec::new(), vec![note])
        }
        CaseSlip::Pickup => {
            rows.extend(case.matter.certificate_name.as_deref().map(|name| row("证照", name)));
            rows.extend(house.address.as_deref().map(|address| row("到哪里领", address)));
            let bring = ["领取人的身份证", "别人代领的，再带授权书和两人的身份证"];
            let bring = bring.map(|text| SlipItem { text: text.to_owned(), note: None }).to_vec();
            (DocumentKind::PickupNotice, "取证通知", Some("领的时候带上".to_owned()), bring, Vec::new())
        }
    };
    DocumentSlip {
        kind: document,
        hall_name: house.name,
        title: title.to_owned(),
        rows,
        items_title,
        items,
        notes,
        qr: Some(SlipQr { url: house.tracking_url, caption: "手机扫一扫，随时看进度".to_owned(), code: None }),
        issued_at_ms: at,
        phone: house.phone,
        reprint: false,
        practice: house.is_practice,
    }
}

fn item(case: &Case, entry: &MaterialEntry) -> SlipItem {
    let text = case.matter.requirement(&entry.material).map(|requirement| requirement.name.clone()).unwrap_or_default();
    let sheets = [("原件", entry.originals), ("复印件", entry.copies)].into_iter().filter(|(_, count)| *count > 0);
    let mut parts: Vec<String> = sheets.map(|(what, count)| format!("{what} {count} 份")).collect();
    parts.push(handling(entry.status).to_owned());
    SlipItem { text, note: Some(parts.join("，")) }
}
