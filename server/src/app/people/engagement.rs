//! Where a person comes from is changed: source, seconding department, vendor's contract. A contract that is over
//! from this change on ends every session at once.

use chrono::NaiveDate;
use domain::ids::{DepartmentId, StaffId};
use domain::people::{Contract, Engagement, Source};
use domain::rights::{Operation, Role, is_of_hall};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::told;
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError, FieldError, FieldErrors};
use crate::app::retry::{Outcome, Retry};
use crate::app::sessions::StaffDoc;
use crate::store::StaffRow;

/// A vendor's contract; both days are days of access.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractInput {
    /// The vendor, a firm.
    pub vendor: String,
    /// First day, `yyyy-MM-dd`.
    #[schema(value_type = String)]
    pub from: NaiveDate,
    /// Last day, `yyyy-MM-dd`.
    #[schema(value_type = String)]
    pub to: NaiveDate,
}

/// Body of `PUT /staff/{staff}/engagement`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EngagementRequest {
    /// Where the person comes from.
    #[schema(value_type = crate::app::words::StaffSource)]
    pub source: String,
    /// The department that seconds; with `seconded` alone.
    pub seconded_from_id: Option<String>,
    /// The contract; with `outsourced` alone.
    pub contract: Option<ContractInput>,
}

impl App {
    /// Says where a person comes from and until when.
    ///
    /// # Errors
    /// 404; 403 for a supervisor where the account is above the hall; field errors and one's own are outcomes.
    pub async fn change_engagement(
        &self,
        permit: &Permit,
        id: &StaffId,
        wanted: Result<EngagementRequest, Vec<FieldError>>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let row = self.stores.staff.staff(permit.site_id(), id.as_str()).await?.ok_or(AppError::NotFound)?;
        let manages = permit.caller().permit(Operation::ManageStaff, permit.site_id()).is_ok();
        if !manages && !is_of_hall(&serde_json::from_str::<Vec<Role>>(&row.roles)?) {
            let message = "这个人的岗位不只在大厅，请系统管理员来改".to_owned();
            return Err(AppError::Forbidden { code: "forbidden", message });
        }
        let outcome = self
            .once(permit.site_id(), retry, || async {
                let (mut set, row) = self.staff_change(permit, id).await?;
                let engagement = self.engagement(permit.site_id(), wanted.clone().map_err(AppError::Invalid)?)?;
                if permit.caller().actor() == row.id {
                    return Err(AppError::refused("own_access", "不能改自己的来源和合同，请另一位来改"));
                }
                let before: StaffDoc = serde_json::from_str(&row.doc)?;
                let facts = json!({ "source": engagement.source.name(), "seconded_from": engagement.seconded_from, "contract": engagement.contract });
                set.events.push(self.staff_event(permit, &row.id, "staff_engagement_changed", facts));
                let doc = StaffDoc { engagement: Some(engagement), ..before };
                set.row(StaffRow { doc: serde_json::to_string(&doc)?, ..row });
                Ok((set, Outcome::success(200, Some(id.to_string()), Value::Null)))
            })
            .await?;
        if outcome.status == 200 {
            self.watch_contracts_of(permit.site_id()).await?;
        }
        self.account_told(permit, outcome).await
    }

    pub(super) fn engagement(&self, site_id: &str, wanted: EngagementRequest) -> Answer<Engagement> {
        let mut errors = FieldErrors::default();
        let source =
            errors.some(Source::parse(&wanted.source), "source", "unknown", "来源写 centre、seconded、outsourced、village 里的一个");
        let listing = self.directory.get();
        let root = listing.root_of(site_id)?.id.clone();
        let known = |id: &str| listing.departments.get(id).is_some_and(|row| row.site_id == root);
        let department = wanted.seconded_from_id.as_deref().map(|id| DepartmentId::parse(id).filter(|_| known(id)));
        if department == Some(None) {
            errors.add("seconded_from_id", "unknown", "没有这个部门");
        }
        let contract = wanted.contract.map(|ContractInput { vendor, from, to }| Contract { vendor, from, to });
        let engagement = Engagement { source: source.unwrap_or_default(), seconded_from: department.flatten(), contract };
        match engagement.checked() {
            Ok(engagement) => errors.check().map(|()| engagement),
            // Without a source nothing else can be judged.
            Err(_) if source.is_none() => Err(errors.check().err().unwrap_or(AppError::NotFound)),
            Err(faults) => {
                let own: Vec<FieldError> = told(faults).into_iter().filter(|fault| !errors.names(&fault.field)).collect();
                own.into_iter().for_each(|fault| errors.add(&fault.field, &fault.code, fault.message));
                Err(errors.check().err().unwrap_or(AppError::NotFound))
            }
        }
    }
}
