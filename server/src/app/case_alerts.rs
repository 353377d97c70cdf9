//! Alerts about cases: which limits come near or are past, what a department left unanswered, whom each is meant for, when
//! it goes a level up, and when it is over. The limits themselves are `domain::case_clock`.

use std::collections::BTreeMap;

use domain::case::{Case, DecisionOutcome, State, Upload};
use domain::case_clock::{Clock, Kind, Level, Reading, Thresholds};
use domain::hall::CasePolicy;
use domain::ids::CaseId;
use domain::rights::Role;
use domain::time::local_date;

use super::App;
use super::alerts::{alert_id, alert_of};
use super::cases::effects::still_tells;
use super::cases::{CasePolicies, case_of};
use super::error::Answer;
use super::notifications::NOTIFICATION_FAILED;
use super::timers::NewAlert;
use crate::store::AlertRow;

/// A limit comes near or is past.
const DEADLINE: &str = "deadline";
/// Silence has accepted a case.
pub(in crate::app) const DEEMED: &str = "deemed_accepted";
/// A proposal not to accept waits for its answer.
const REFUSAL: &str = "refusal_unanswered";
/// What the applicant promised did not come.
const PROMISE: &str = "promise_missed";
/// The department has not decided what comes of it.
const PROMISE_LATE: &str = "promise_unanswered";
/// The licence platform does not have the certificate.
pub(in crate::app) const UPLOAD_FAILED: &str = "upload_failed";
/// Nobody can sign a step.
pub(in crate::app) const STEP_UNSIGNED: &str = "step_unsigned";
/// A red one was left unanswered and went a level up.
const ESCALATED: &str = "escalated";
/// End of the id of an alert that went a level up.
const UP: &str = "-up";

/// The limit of a bundle comes near, or has passed.
pub(in crate::app) const JOINT: &str = "joint_deadline";

/// All kinds that end by themselves.
const KINDS: [&str; 10] =
    [DEADLINE, JOINT, DEEMED, REFUSAL, PROMISE, PROMISE_LATE, UPLOAD_FAILED, STEP_UNSIGNED, NOTIFICATION_FAILED, ESCALATED];
/// Kinds that go a level up.
const RISING: [&str; 3] = [DEADLINE, DEEMED, PROMISE_LATE];
/// Working days for a department to decide what comes of a promise that was missed ◇.
const PROMISE_ANSWER_DAYS: u32 = 3;

/// Whom an alert is meant for: whoever has to act first, with 黄牌 also who leads the department and the hall, with 红牌
/// also the district (◇). Who audits sees all.
pub(in crate::app) fn audience(first: &[Role], level: Level) -> String {
    let above: &[Role] = match level {
        Level::None | Level::Notice => &[Role::Auditor],
        Level::Yellow => &[Role::Leader, Role::Supervisor, Role::Auditor],
        Level::Red => &[Role::Leader, Role::Supervisor, Role::District, Role::Auditor],
    };
    let named = first.iter().chain(above.iter().filter(|role| !first.contains(role)));
    named.map(|role| role.name()).collect::<Vec<_>>().join(",")
}

/// Who has to act while a clock runs.
fn first_for(kind: Kind) -> &'static [Role] {
    match kind {
        // The desk accepts; who looks after the desk is told.
        Kind::Acceptance => &[Role::Approver, Role::Supervisor],
        Kind::Decision => &[Role::Approver],
        Kind::Delivery => &[Role::Approver, Role::Issuer],
    }
}

/// The level and the last day that an alert about a limit is of: more days make it another one.
pub(in crate::app) fn limit_tail(level: Level, reading: &Reading) -> String {
    format!("{}-{}", level.name(), reading.due.map_or("open".to_owned(), |due| due.to_string()))
}

/// The levels that are told up to one.
pub(in crate::app) fn up_to(level: Level) -> impl Iterator<Item = Level> {
    [Level::Notice, Level::Yellow, Level::Red].into_iter().filter(move |told| *told <= level)
}

/// The end of the id of an alert about a limit; that of the decision stands alone.
fn deadline_tail(kind: Kind, level: Level, reading: &Reading) -> String {
    let tail = limit_tail(level, reading);
    match kind {
        Kind::Acceptance => format!("acceptance-{tail}"),
        Kind::Decision => tail,
        Kind::Delivery => format!("delivery-{tail}"),
    }
}

fn id_of(case: &Case, tail: &str) -> String {
    alert_id(case.id.as_str(), tail)
}

impl App {
    /// What of a case somebody has to be told now.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn watch_case_limits(&self, case: &Case, thresholds: Thresholds) -> Answer<()> {
        self.watch_refusal(case).await?;
        self.watch_promise(case).await?;
        for clock in case.running_clocks() {
            self.watch_limit(case, &clock, thresholds).await?;
        }
        Ok(())
    }

    /// A proposal not to accept that the department left unanswered for a working day.
    async fn watch_refusal(&self, case: &Case) -> Answer<()> {
        let State::RefusalProposed { since, .. } = case.state else { return Ok(()) };
        let today = local_date(self.now());
        let answered_by = self.directory.get().calendar.working_day_after(local_date(since), 1);
        if answered_by.is_ok_and(|day| day < today) {
            let text = format!("{}：不予受理的建议过了一个工作日还没有答复", case.number);
            self.alert_once(case, &format!("refusal-{since}"), REFUSAL, &[Role::Approver], Level::Yellow, text).await?;
        }
        Ok(())
    }

    /// A promise of the applicant (容缺) whose day is over and whose material is not there: the department decides.
    async fn watch_promise(&self, case: &Case) -> Answer<()> {
        let today = local_date(self.now());
        let Some(due) = case.missed_promise(today).filter(|_| !is_denied(case)) else { return Ok(()) };
        let ways = match (&case.decision, &case.new_term) {
            (None, None) => "请部门决定：给一次新期限，或者不予通过",
            (None, Some(_)) => "新期限只给一次，请部门决定不予通过",
            // What was granted cannot be denied any more; the certificate stays held.
            (Some(_), None) => "证照先不发，请部门给一次新期限，或者依法撤销决定",
            (Some(_), Some(_)) => "证照先不发，请部门决定要不要依法撤销决定",
        };
        let text = format!("{}：承诺 {due} 前补的材料没有补，{ways}", case.number);
        self.alert_once(case, &format!("promise-{due}"), PROMISE, &[Role::Approver], Level::Yellow, text).await?;
        let decided_by = self.directory.get().calendar.working_day_after(due, PROMISE_ANSWER_DAYS);
        if is_answer_open(case) && decided_by.is_ok_and(|day| day < today) {
            let text = format!("{}：承诺 {due} 前补的材料没有补，过了 {PROMISE_ANSWER_DAYS} 个工作日，部门还没有决定", case.number);
            self.alert_once(case, &format!("promise-late-{due}"), PROMISE_LATE, &[Role::Approver], Level::Red, text).await?;
        }
        Ok(())
    }

    /// 预警、黄牌、红牌, once for each case, clock and level.
    async fn watch_limit(&self, case: &Case, clock: &Clock, thresholds: Thresholds) -> Answer<()> {
        let reading = clock.read(local_date(self.now()), &self.directory.get().calendar, thresholds);
        let what = clock.kind.label();
        let words = match reading.level {
            Level::None => return Ok(()),
            Level::Notice if reading.stopped => return Ok(()),
            Level::Notice => format!("快到{what}期限了"),
            Level::Yellow => format!("过了承诺的{what}期限"),
            Level::Red => format!("过了法定的{what}期限"),
        };
        let due = reading.due.map(|due| format!("（{due}，{}）", clock.kind.article())).unwrap_or_default();
        let text = format!("{}：{}，{words}{due}", case.number, reading.level.label());
        let tail = deadline_tail(clock.kind, reading.level, &reading);
        self.alert_once(case, &tail, DEADLINE, first_for(clock.kind), reading.level, text).await
    }

    async fn alert_once(&self, case: &Case, tail: &str, kind: &str, first: &[Role], level: Level, text: String) -> Answer<()> {
        let alert = NewAlert { id: id_of(case, tail), kind, level: level.name(), object_id: case.id.as_str(), text };
        self.raise_once_for(case.site.as_str(), alert, audience(first, level)).await
    }

    /// Settles the alerts about cases that are over, and takes those a level up that nobody answers.
    ///
    /// # Errors
    /// When they cannot be read; one that fails is told, comes again, and the others go on.
    pub(super) async fn look_after_case_alerts(&self) -> Answer<()> {
        let mut of_cases: BTreeMap<(String, String), Vec<AlertRow>> = BTreeMap::new();
        for alert in self.stores.cases.open_alerts(&KINDS).await? {
            // Messages about anything else are a person's to decide about.
            if CaseId::parse(&alert.object_id).is_some() {
                of_cases.entry((alert.site_id.clone(), alert.object_id.clone())).or_default().push(alert);
            }
        }
        let mut policies = CasePolicies::default();
        for ((site_id, case_id), alerts) in of_cases {
            if let Err(error) = self.look_after(&site_id, &case_id, alerts, &mut policies).await {
                tracing::warn!(site_id, case_id, %error, "the alerts of a case were not looked at");
            }
        }
        Ok(())
    }

    async fn look_after(&self, site_id: &str, case_id: &str, alerts: Vec<AlertRow>, policies: &mut CasePolicies) -> Answer<()> {
        let policy = policies.of(self, site_id).await?;
        let row = self.stores.cases.case(site_id, case_id).await?;
        let case = row.as_ref().map(case_of).transpose()?;
        for alert in alerts {
            let id = alert.id.clone();
            if let Err(error) = self.look_after_one(alert, case.as_ref(), policy).await {
                tracing::warn!(site_id, id, %error, "the alert was not looked at");
            }
        }
        Ok(())
    }

    async fn look_after_one(&self, alert: AlertRow, case: Option<&Case>, policy: &CasePolicy) -> Answer<()> {
        let is_over = match case {
            Some(case) => self.is_case_alert_over(&alert, case, policy.thresholds()).await?,
            None => true,
        };
        if is_over && alert.kind == NOTIFICATION_FAILED {
            return self.forget_notification(alert).await;
        }
        if is_over { self.settle(alert).await } else { self.take_up(&alert, policy.escalate_days).await }
    }

    async fn is_case_alert_over(&self, alert: &AlertRow, case: &Case, thresholds: Thresholds) -> Answer<bool> {
        let missed = || case.missed_promise(local_date(self.now())).filter(|_| case.closed_as().is_none() && !is_denied(case));
        let is_of = |tail: String| id_of(case, &tail) == alert.id;
        Ok(match alert.kind.as_str() {
            DEADLINE => !self.is_limit_still_so(alert, case, thresholds),
            JOINT => self.is_joint_limit_over(alert, case, thresholds).await?,
            DEEMED => !matches!(case.state, State::Accepted { .. }),
            REFUSAL => !matches!(case.state, State::RefusalProposed { since, .. } if is_of(format!("refusal-{since}"))),
            PROMISE => !missed().is_some_and(|due| is_of(format!("promise-{due}"))),
            PROMISE_LATE => !missed().is_some_and(|due| is_of(format!("promise-late-{due}")) && is_answer_open(case)),
            UPLOAD_FAILED => {
                let failed = |upload| upload == Upload::Failed;
                case.is_revoked() || !case.certificate.as_ref().is_some_and(|certificate| failed(certificate.upload))
            }
            STEP_UNSIGNED => case.closed_as().is_some() || self.unsignable_steps(case).await?.is_empty(),
            NOTIFICATION_FAILED => {
                let rows = self.stores.cases.notifications(&alert.site_id, case.id.as_str()).await?;
                let waits =
                    rows.iter().any(|row| alert_of(&row.id) == alert.id && row.state == "failed" && still_tells(&row.template, case));
                !waits
            }
            ESCALATED => {
                let below = alert.id.strip_suffix(UP).unwrap_or(&alert.id);
                self.stores.cases.alert(&alert.site_id, below).await?.is_none_or(|below| below.settled_at.is_some())
            }
            _ => false,
        })
    }

    /// Whether the clock of an alert still runs and stands at its level or a graver one.
    fn is_limit_still_so(&self, alert: &AlertRow, case: &Case, thresholds: Thresholds) -> bool {
        let (listing, today) = (self.directory.get(), local_date(self.now()));
        let stands = |clock: Clock| {
            let reading = clock.read(today, &listing.calendar, thresholds);
            up_to(reading.level).any(|level| id_of(case, &deadline_tail(clock.kind, level, &reading)) == alert.id)
        };
        case.running_clocks().any(stands)
    }

    /// A red one that nobody answered for the site's working days goes to the district, once.
    async fn take_up(&self, alert: &AlertRow, days: u32) -> Answer<()> {
        if alert.level != "red" || !RISING.contains(&alert.kind.as_str()) {
            return Ok(());
        }
        let answered_by = self.directory.get().calendar.working_day_after(local_date(alert.at), days);
        if answered_by.is_ok_and(|day| day < local_date(self.now())) {
            let text = format!("{}。红牌 {days} 个工作日没有处理，请区政务局督办", alert.text);
            let up = NewAlert { id: format!("{}{UP}", alert.id), kind: ESCALATED, level: "red", object_id: &alert.object_id, text };
            self.raise_once_for(&alert.site_id, up, audience(&[Role::District], Level::None)).await?;
        }
        Ok(())
    }
}

fn is_denied(case: &Case) -> bool {
    case.decision.as_ref().is_some_and(|decision| decision.outcome == DecisionOutcome::Denied)
}

/// Whether the department can still answer a promise that was missed otherwise than by revoking.
fn is_answer_open(case: &Case) -> bool {
    case.decision.is_none() || case.new_term.is_none()
}
