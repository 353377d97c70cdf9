//! A row on its way up: what is to be done with it, what stands in it, and how it ended.

use domain::case::{Case, Event};
use domain::codes::IdType;
use domain::evaluation::{Level, StarOrder};
use domain::hall::UpstreamPolicy;
use domain::ids::CaseId;
use domain::reporting::{
    EvaluationFacts, Ground, Operation, Owed, Party, ReportRow, Table, accept_row, evaluation_row, id_type_code, licence_row, material_row,
    process_row, result_row, special_procedure_row,
};
use domain::time::{MINUTE_MS, Millis};

use super::{REFUSED, UNREACHABLE, unreachable_id};
use crate::app::App;
use crate::app::alerts::alert_of;
use crate::app::cases::Names;
use crate::app::error::{Answer, AppError};
use crate::app::notifications::dead;
use crate::app::persons::PersonData;
use crate::gateways::{Fault, Push};
use crate::store::{AlertRow, ChangeSet, OutboxRow, ReportedRow};

/// How long a row of a site that stopped reporting waits to be looked at again, in milliseconds.
const OFF_MS: Millis = 10 * MINUTE_MS;
/// How long a row waits for an earlier one of its case that somebody else has in his hands, in milliseconds.
const TURN_MS: Millis = 2_000;

/// How long a row waits behind one that was refused, unless a person decides about that one before, in milliseconds.
const HELD_MS: Millis = 10 * MINUTE_MS;

/// What is to be done with a row that is owed.
#[derive(Debug)]
pub enum ReportErrand {
    /// Send it.
    Send(Box<Push>),
    /// Not now: look again after so many milliseconds.
    Later(Millis),
    /// It cannot be made.
    Impossible(Fault),
    /// It was sent or given up.
    Obsolete,
}

/// A case as it was after so many of its events, the event that made it so, and the case before that.
struct Moment {
    before: Option<Case>,
    case: Case,
    event: Event,
}

impl App {
    /// A row that is owed, with what is to be done.
    ///
    /// # Errors
    /// When it or its case is not there, or the store fails.
    pub async fn report_errand(&self, site_id: &str, row_id: &str, issuer: Option<&str>) -> Answer<(ReportedRow, ReportErrand)> {
        let row = self.stores.upstream.reported(site_id, row_id).await?.ok_or(AppError::NotFound)?;
        if row.state != "pending" {
            return Ok((row, ReportErrand::Obsolete));
        }
        let Some(policy) = self.reporting(site_id).await? else { return Ok((row, ReportErrand::Later(OFF_MS))) };
        // The platform gets the rows of a case in their order, whoever sends them.
        let earlier: Vec<ReportedRow> = self.stores.upstream.reported_of(site_id, &row.about_id).await?;
        let earlier = || earlier.iter().take_while(|one| one.position < row.position);
        if earlier().any(|one| one.state == "refused") {
            return Ok((row, ReportErrand::Later(HELD_MS)));
        }
        if earlier().any(|one| one.state == "pending") {
            return Ok((row, ReportErrand::Later(TURN_MS)));
        }
        let made = match Table::parse(&row.table_name) {
            Some(Table::Evaluation) => self.rating_told(&row, &policy).await?,
            Some(table) => self.case_told(&row, table, &policy, issuer).await?,
            None => None,
        };
        let errand = match made {
            Some(content) => ReportErrand::Send(Box::new(Push {
                id: row.id.clone(),
                table: row.table_name.clone(),
                site: site_id.to_owned(),
                row: serde_json::to_value(content)?,
            })),
            None => ReportErrand::Impossible(Fault::lasting("nothing_to_tell")),
        };
        Ok((row, errand))
    }

    /// A case as it was after so many events.
    async fn moment(&self, site_id: &str, case_id: &str, version: i64) -> Answer<Moment> {
        let mut events = self.case_events(site_id, case_id).await?;
        let wanted = usize::try_from(version).unwrap_or_default();
        let is_there = events.len() >= wanted;
        events.truncate(wanted);
        let event = events.pop().filter(|_| is_there).ok_or(AppError::NotFound)?;
        let before = Case::replay(&events);
        let case = match before.clone() {
            Some(mut case) => {
                case.evolve(&event);
                case
            }
            None => Case::from_opening(&event).ok_or(AppError::NotFound)?,
        };
        Ok(Moment { before, case, event })
    }

    async fn case_told(&self, row: &ReportedRow, table: Table, policy: &UpstreamPolicy, issuer: Option<&str>) -> Answer<Option<ReportRow>> {
        let moment = self.moment(&row.site_id, &row.about_id, row.version).await?;
        let Moment { before, case, event } = &moment;
        let owed = Owed {
            table,
            part: usize::try_from(row.part).unwrap_or_default(),
            operation: if row.operation == "U" { Operation::Update } else { Operation::Insert },
            state: row.reported_state.and_then(|state| u8::try_from(state).ok()),
        };
        let ground = self.ground_of(case, Some(event), policy, issuer).await?;
        Ok(match table {
            Table::Accept => Some(ReportRow::Accept(Box::new(accept_row(&owed, case, event.at, &ground)))),
            Table::Process => Some(ReportRow::Process(process_row(&owed, before.as_ref(), case, event.at, &ground))),
            Table::Result => Some(ReportRow::Result(result_row(&owed, case, event.at, &ground))),
            Table::SpecialProcedure => special_procedure_row(&owed, case, event.at, &ground).map(ReportRow::SpecialProcedure),
            Table::Material => material_row(&owed, case, event.at, &ground).map(ReportRow::Material),
            Table::Licence => licence_row(&owed, case, event.at, &ground).map(|row| ReportRow::Licence(Box::new(row))),
            Table::Evaluation => None,
        })
    }

    async fn rating_told(&self, row: &ReportedRow, policy: &UpstreamPolicy) -> Answer<Option<ReportRow>> {
        let rating = self.stores.evaluations.evaluation(&row.site_id, &row.about_id).await?.ok_or(AppError::NotFound)?;
        let case = self.stores.cases.case_by_number(&row.number).await?.ok_or(AppError::NotFound)?;
        let case = self.moment(&row.site_id, &case.id, row.version).await?.case;
        let stars = u8::try_from(rating.level).unwrap_or_default();
        let Some(level) = Level::from_number(stars, StarOrder::FiveIsBest) else { return Ok(None) };
        let text = match &rating.text_id {
            Some(id) => self.text(&row.site_id, id).await?,
            None => String::new(),
        };
        let facts = EvaluationFacts {
            id: rating.id.clone(),
            level,
            reason_codes: serde_json::from_str(&rating.reason_codes)?,
            text,
            at: rating.at,
            round: u8::try_from(rating.round).unwrap_or(1),
        };
        let ground = self.ground_of(&case, None, policy, None).await?;
        Ok(Some(ReportRow::Evaluation(Box::new(evaluation_row(&facts, &case, &ground, policy.satisfaction)))))
    }

    /// Who and what stands around a case, opened for the one request that needs it.
    async fn ground_of(&self, case: &Case, event: Option<&Event>, policy: &UpstreamPolicy, issuer: Option<&str>) -> Answer<Ground> {
        let site_id = case.site.as_str();
        let listing = self.directory.get();
        let department = listing.departments.get(case.department.as_str());
        let handler = match event.and_then(|event| event.by.as_ref()) {
            Some(id) => Names::default().of(self, id).await?,
            None => String::new(),
        };
        let opinion = match event.and_then(|event| event.change.text()) {
            Some(id) => Some(self.text(site_id, id.as_str()).await?),
            None => None,
        };
        let agent = match &case.agent {
            Some(id) => Some(party(self.person_data(site_id, id.as_str()).await?)),
            None => None,
        };
        let certificate_number = match case.certificate.as_ref().and_then(|certificate| certificate.number.as_ref()) {
            Some(id) => Some(self.text(site_id, id.as_str()).await?),
            None => None,
        };
        Ok(Ground {
            area_code: policy.area_code.clone(),
            data_source: policy.data_source.clone(),
            org_code: department.map(|row| row.code.clone()).unwrap_or_default(),
            org_name: department.map_or_else(|| case.matter.department_name.clone(), |row| row.name.clone()),
            applicant: party(self.person_data(site_id, case.applicant.as_str()).await?),
            agent,
            handler,
            opinion,
            promise_date: case.decision_clock().and_then(|clock| clock.due(&listing.calendar).ok()),
            certificate_number,
            licence_type: self.licence_type(case).await?,
            issuer: issuer.map(str::to_owned),
        })
    }

    async fn licence_type(&self, case: &Case) -> Answer<Option<String>> {
        if case.certificate.is_none() {
            return Ok(None);
        }
        Ok(self.certificate_form(case).await?.and_then(|form| form.licence_type))
    }

    /// The platform has the row.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn report_sent(&self, owed: &OutboxRow, row: ReportedRow) -> Answer<()> {
        let now = self.now();
        let mut set = ChangeSet::new(&row.site_id);
        if let Some(alert) =
            self.stores.cases.alert(&row.site_id, &unreachable_id(site_key_of(&row))).await?.filter(|alert| alert.settled_at.is_none())
        {
            set.row(AlertRow { settled_at: Some(now), ..alert });
        }
        set.row(OutboxRow { state: "done".to_owned(), lease_until: 0, last_error: None, done_at: Some(now), ..owed.clone() });
        set.row(ReportedRow {
            state: "sent".to_owned(),
            attempts: owed.attempts.max(row.attempts),
            last_error: None,
            sent_at: Some(now),
            ..row
        });
        Ok(self.commit(set).await.map(drop)?)
    }

    /// The platform refused the row, or it cannot be made: a person is asked, and what follows in its case waits.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn report_refused(&self, owed: &OutboxRow, row: ReportedRow, fault: &Fault) -> Answer<()> {
        let now = self.now();
        let label = Table::parse(&row.table_name).map_or("", Table::label);
        let refused = ReportedRow {
            state: "refused".to_owned(),
            attempts: owed.attempts.max(row.attempts),
            last_error: Some(fault.code.clone()),
            ..row
        };
        let mut set = self.decision_about(&refused, "report_refused", "system", Some(&fault.code));
        set.row(dead(owed, &fault.code));
        set.row(AlertRow {
            site_id: refused.site_id.clone(),
            // One alert a row.
            id: alert_of(&refused.id),
            kind: REFUSED.to_owned(),
            level: "yellow".to_owned(),
            object_id: refused.about_id.clone(),
            text: format!("{}：上级平台没有收下{label}信息（{}），核对后重发；这件后面的上报先等着", refused.number, fault.code),
            at: now,
            settled_at: None,
            audience: String::new(),
        });
        set.row(refused);
        Ok(self.commit(set).await.map(drop)?)
    }

    /// The platform has not answered for a while: whoever runs the house is told, once.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn upstream_unreachable(&self, site_id: &str, since: Millis, code: &str) -> Answer<()> {
        let listing = self.directory.get();
        let id = unreachable_id(&listing.site(site_id)?.key);
        if self.stores.cases.alert(site_id, &id).await?.is_some_and(|alert| alert.settled_at.is_none()) {
            return Ok(());
        }
        let mut set = ChangeSet::new(site_id);
        set.row(AlertRow {
            site_id: site_id.to_owned(),
            id,
            kind: UNREACHABLE.to_owned(),
            level: "yellow".to_owned(),
            object_id: site_id.to_owned(),
            text: format!(
                "上级平台从 {} 起连不上（{code}）；要上报的都留着，通了自动补报",
                domain::time::local(since).format("%-m月%-d日 %-H:%M")
            ),
            at: self.now(),
            settled_at: None,
            audience: String::new(),
        });
        Ok(self.commit(set).await.map(drop)?)
    }
}

fn site_key_of(row: &ReportedRow) -> &str {
    row.id.split('_').nth(1).unwrap_or_default()
}

fn party(data: PersonData) -> Party {
    let kind = data.id_type.as_deref().unwrap_or("resident_id");
    let kind: Option<IdType> = serde_json::from_value(serde_json::Value::String(kind.to_owned())).ok();
    Party {
        kind: data.kind,
        name: data.name.unwrap_or_default(),
        id_type_code: kind.map(id_type_code).unwrap_or_default().to_owned(),
        id_number: data.id_number.unwrap_or_default(),
        phone: data.phone.unwrap_or_default(),
        address: data.address.unwrap_or_default(),
    }
}

/// The case that a row is about, when it is about one.
pub(super) fn case_of_row(row: &ReportedRow) -> Option<CaseId> {
    CaseId::parse(&row.about_id)
}
