//! 证照交接单: what was handed on, from whom to whom, for both to sign. It names no applicant, so reading it is no read of
//! personal data.

use documents::{Paper, Part};
use domain::custody::{HandedOn, Occasion};
use domain::ids::{CustodyRecordId, is_practice};
use domain::time::local;

use super::{AGGREGATE, CustodyRecordView};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::app::papers::{PRACTICE_MARK, made};

impl App {
    /// The paper of a record as PDF.
    ///
    /// # Errors
    /// 404 where the site has no such record; 503 `fonts_missing`.
    pub async fn custody_paper(&self, permit: &Permit, id: &CustodyRecordId) -> Answer<Vec<u8>> {
        let site_id = permit.site_id();
        let events = self.stores.events.events_of(site_id, AGGREGATE, id.as_str()).await?;
        let event = events.first().ok_or(AppError::NotFound)?;
        let handed: HandedOn = serde_json::from_str(&event.body)?;
        let told = self.custody_record(permit, id).await?;
        let site_name = self.directory.get().site(site_id)?.name.clone();
        let mark = is_practice(site_id).then(|| PRACTICE_MARK.to_owned());
        let at = local(event.at).format("%Y年%-m月%-d日 %H:%M").to_string();
        made(paper(&told, handed.occasion, site_name, &at, mark), id.to_string()).await
    }
}

fn paper(told: &CustodyRecordView, occasion: Occasion, site_name: String, at: &str, mark: Option<String>) -> Paper {
    let fact = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut rows = vec![
        fact("交接方式", occasion.label()),
        fact("移交人", &told.giver_name),
        fact("接收人", &format!("{}（已登录确认）", told.taker_name)),
        fact("交接时间", at),
        fact("件数", &format!("{} 件", told.items.len())),
    ];
    rows.extend(told.note.as_deref().map(|note| fact("备注", note)));
    let item = |(place, item): (usize, &super::HandedItemView)| {
        let slot = item.slot.clone().unwrap_or_else(|| "—".to_owned());
        vec![(place + 1).to_string(), item.case_number.clone(), item.name.clone(), item.department_name.clone(), slot]
    };
    let parts = vec![
        Part::Facts { rows },
        Part::Table {
            heading: "交接的证照和文书".to_owned(),
            head: ["序号", "办件编号", "证照或文书", "部门", "格子"].map(str::to_owned).to_vec(),
            widths: vec![1, 4, 5, 4, 2],
            rows: told.items.iter().enumerate().map(item).collect(),
        },
        Part::Text {
            text: "双方当面清点，件数和名称相符后签字。一式两份，移交方、接收方各存一份。".to_owned()
        },
    ];
    Paper {
        issuer: site_name,
        title: "证照交接单".to_owned(),
        number: format!("交接编号 {}", told.id),
        addressee: None,
        parts,
        sealed_by: None,
        seal: None,
        date: at.split(' ').next().unwrap_or_default().to_owned(),
        signatures: ["移交人签字", "接收人签字", "移交时间", "接收时间"].map(str::to_owned).to_vec(),
        verify: None,
        mark,
    }
}
