//! What an administrator does with accounts. Of two changes of one account at once one is decided again.

use domain::case::Basis;
use domain::codes::clean_line;
use domain::ids::StaffId;
use domain::rights::{Operation, Role, go_together, works_in_hall};
use domain::time::{DAY_MS, Millis};
use serde_json::{Value, json};

use super::photo::without_photo;
use super::{FreshPasswordView, NewStaffRequest, StaffRequest};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError, FieldError, FieldErrors};
use crate::app::first_steps::{NAME_CHARS_MAX, USERNAME_TEXT, is_username};
use crate::app::fresh::bytes;
use crate::app::hall::reason;
use crate::app::retry::{Outcome, Retry};
use crate::app::sessions::{StaffDoc, hash_password};
use crate::store::{ChangeSet, CounterRow, Expect, NewEvent, StaffRow};

/// How long a one-time password waits for its sign-in.
const ONE_TIME_MS: Millis = 7 * DAY_MS;
/// Digits and letters that nobody takes for one another, to be read out over a phone.
const PASSWORD_SIGNS: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";
/// Groups of four signs: 60 bits.
const PASSWORD_GROUPS: usize = 3;

/// What was checked, as it is written.
pub(in crate::app) struct Checked {
    pub(in crate::app) name: String,
    pub(in crate::app) roles: Vec<Role>,
    pub(in crate::app) department_id: Option<String>,
    pub(in crate::app) doc: StaffDoc,
}

impl App {
    /// Makes an account. The answer tells a password for one sign-in, this once.
    ///
    /// # Errors
    /// Those of the store; field errors are outcomes.
    pub async fn add_staff(
        &self,
        permit: &Permit,
        wanted: Result<NewStaffRequest, Vec<FieldError>>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let (site_id, password) = (permit.site_id(), self.one_time_password());
        let outcome = self
            .once(site_id, retry, || async {
                let (username, wanted) = wanted.clone().map_err(AppError::Invalid)?.split();
                let mut errors = FieldErrors::default();
                errors.some(is_username(&username).then_some(()), "username", "form", USERNAME_TEXT);
                if self.stores.staff.staff_by_username(&username).await?.is_some() {
                    errors.add("username", "taken", "这个登录名已经有人用了");
                }
                self.check_cover(site_id, None, &wanted, &mut errors).await?;
                let checked = self.checked(site_id, &wanted, &[], errors)?;
                // Slow on purpose, so only for what is sound.
                let hash = hashed(&password).await?;
                let mut set = ChangeSet::new(site_id);
                let id = self.new_account(permit, &mut set, (username, checked), hash)?;
                Ok((set, Outcome::success(201, Some(id.to_string()), Value::Null)))
            })
            .await?;
        self.account_told_with_password(permit, outcome, password).await
    }

    /// A new account under a one-time password, with its event.
    pub(in crate::app) fn new_account(
        &self,
        permit: &Permit,
        set: &mut ChangeSet,
        (username, checked): (String, Checked),
        password_hash: String,
    ) -> Answer<StaffId> {
        let site_id = permit.site_id();
        let listing = self.directory.get();
        let id = StaffId::new(&listing.site(site_id)?.key, &super::super::fresh::id_tail(self.entropy.as_ref(), self.now()));
        let doc = StaffDoc { one_time_until: Some(self.now() + ONE_TIME_MS), ..checked.doc };
        set.events.push(self.staff_event(permit, id.as_str(), "staff_added", facts(&checked.roles, &checked.department_id, &doc)));
        set.row(StaffRow {
            site_id: site_id.to_owned(),
            id: id.to_string(),
            username,
            name: checked.name,
            roles: serde_json::to_string(&checked.roles)?,
            department_id: checked.department_id,
            password_hash,
            active: true,
            failures: 0,
            locked_until: 0,
            doc: serde_json::to_string(&doc)?,
        });
        Ok(id)
    }

    /// Changes name, roles, departments and the last day of access.
    ///
    /// # Errors
    /// 404; field errors, and taking one's own administration away, are outcomes.
    pub async fn change_staff(
        &self,
        permit: &Permit,
        id: &StaffId,
        wanted: Result<StaffRequest, Vec<FieldError>>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let outcome = self
            .once(permit.site_id(), retry, || async {
                let (mut set, row) = self.staff_change(permit, id).await?;
                let wanted = wanted.clone().map_err(AppError::Invalid)?;
                let mut errors = FieldErrors::default();
                self.check_cover(permit.site_id(), Some(id), &wanted, &mut errors).await?;
                let before: StaffDoc = serde_json::from_str(&row.doc)?;
                let checked = self.checked(permit.site_id(), &wanted, &before.bases, errors)?;
                let is_own = permit.caller().actor() == row.id;
                if is_own && (!checked.roles.contains(&Role::Admin) || checked.doc.access_until.is_some()) {
                    return Err(AppError::refused("own_access", "不能把自己的管理权限去掉，请另一位管理员来改"));
                }
                let (engagement, photo) = (before.engagement, before.photo);
                let doc = StaffDoc { one_time_until: before.one_time_until, engagement, photo, ..checked.doc };
                set.events.push(self.staff_event(permit, &row.id, "staff_changed", facts(&checked.roles, &checked.department_id, &doc)));
                set.row(StaffRow {
                    name: checked.name,
                    roles: serde_json::to_string(&checked.roles)?,
                    department_id: checked.department_id,
                    doc: serde_json::to_string(&doc)?,
                    ..row
                });
                Ok((set, Outcome::success(200, Some(id.to_string()), Value::Null)))
            })
            .await?;
        self.account_told(permit, outcome).await
    }

    /// Ends somebody's access at once, or gives it back.
    ///
    /// # Errors
    /// 404; one's own access, and a reason that is missing, are outcomes.
    pub async fn set_access(
        &self,
        permit: &Permit,
        id: &StaffId,
        active: bool,
        why: Answer<Option<String>>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let why = why.map_err(|error| match error {
            AppError::Invalid(errors) => errors,
            other => vec![FieldError { field: String::new(), code: other.code().to_owned(), message: other.message() }],
        });
        let outcome = self
            .once(permit.site_id(), retry, || async {
                let (mut set, row) = self.staff_change(permit, id).await?;
                let why = why.clone().map_err(AppError::Invalid)?;
                let why = reason("reason", why.as_deref(), true)?.unwrap_or_default();
                if permit.caller().actor() == row.id {
                    return Err(AppError::refused("own_access", "不能停自己的账号，请另一位管理员来做"));
                }
                if row.active == active {
                    let message = if active { "这个账号正在用" } else { "这个账号已经停了" };
                    return Err(AppError::refused("staff_state", message));
                }
                let (text_id, text_row) = self.new_text(permit.site_id(), "staff_access_reason", &why)?;
                let kind = if active { "staff_access_restored" } else { "staff_access_ended" };
                set.events.push(self.staff_event(permit, &row.id, kind, json!({ "reason": text_id })));
                set.row(text_row);
                if !active {
                    set.rows.extend(self.named_anew(&row.site_id, &row.id, |_| false).await?);
                }
                let doc = if active { row.doc.clone() } else { without_photo(&row.doc)? };
                set.row(StaffRow { active, doc, ..row });
                Ok((set, Outcome::success(200, Some(id.to_string()), Value::Null)))
            })
            .await?;
        if outcome.status == 200 && !active {
            self.end_sessions_of(permit.site_id(), id.as_str(), None).await?;
        }
        self.account_told(permit, outcome).await
    }

    /// Gives out a new password for one sign-in; the old one is good no more and every session ends.
    ///
    /// # Errors
    /// 404; those of the store; 403 for a supervisor where the account may more than work in the hall.
    pub async fn reset_password(&self, permit: &Permit, id: &StaffId, fields: Answer<()>, retry: Option<&Retry>) -> Answer<Outcome> {
        let row = self.stores.staff.staff(permit.site_id(), id.as_str()).await?.ok_or(AppError::NotFound)?;
        if permit.operation() == Operation::ResetPassword && !works_in_hall(&serde_json::from_str::<Vec<Role>>(&row.roles)?) {
            let message = "这个人的岗位不只在大厅，密码请系统管理员来给".to_owned();
            return Err(AppError::Forbidden { code: "forbidden", message });
        }
        fields?;
        let password = self.one_time_password();
        let hash = hashed(&password).await?;
        let outcome = self
            .once(permit.site_id(), retry, || async {
                let (mut set, row) = self.staff_change(permit, id).await?;
                if !row.active {
                    return Err(AppError::refused("staff_state", "这个账号停了，先恢复再给密码"));
                }
                let before: StaffDoc = serde_json::from_str(&row.doc)?;
                let doc = StaffDoc { one_time_until: Some(self.now() + ONE_TIME_MS), ..before };
                set.events.push(self.staff_event(permit, &row.id, "staff_password_reset", json!({})));
                let doc = serde_json::to_string(&doc)?;
                set.row(StaffRow { password_hash: hash.clone(), failures: 0, locked_until: 0, doc, ..row });
                Ok((set, Outcome::success(200, Some(id.to_string()), Value::Null)))
            })
            .await?;
        if outcome.status == 200 && !outcome.replayed {
            self.end_sessions_of(permit.site_id(), id.as_str(), None).await?;
        }
        self.account_told_with_password(permit, outcome, password).await
    }

    /// The account's row and the change-set that changes it.
    pub(in crate::app) async fn staff_change(&self, permit: &Permit, id: &StaffId) -> Answer<(ChangeSet, StaffRow)> {
        let site_id = permit.site_id();
        let name = format!("staff/{id}");
        let version = self.stores.sites.counter(site_id, &name).await?;
        let row = self.stores.staff.staff(site_id, id.as_str()).await?.ok_or(AppError::NotFound)?;
        let mut set = ChangeSet::new(site_id);
        set.expect.push(Expect::Counter(name.clone(), version));
        set.row(CounterRow { site_id: site_id.to_owned(), name, value: version + 1 });
        Ok((set, row))
    }

    pub(in crate::app) async fn account_told(&self, permit: &Permit, mut outcome: Outcome) -> Answer<Outcome> {
        if let Some(id) = outcome.object_id.as_deref().filter(|_| (200..300).contains(&outcome.status)) {
            let row = self.stores.staff.staff(permit.site_id(), id).await?.ok_or(AppError::NotFound)?;
            outcome.body = serde_json::to_value(self.account_view(&row)?)?;
        }
        Ok(outcome)
    }

    async fn account_told_with_password(&self, permit: &Permit, mut outcome: Outcome, password: String) -> Answer<Outcome> {
        if let Some(id) = outcome.object_id.as_deref().filter(|_| (200..300).contains(&outcome.status)) {
            let row = self.stores.staff.staff(permit.site_id(), id).await?.ok_or(AppError::NotFound)?;
            let one_time_password = (!outcome.replayed).then_some(password);
            outcome.body = serde_json::to_value(FreshPasswordView { account: self.account_view(&row)?, one_time_password })?;
        }
        Ok(outcome)
    }

    pub(in crate::app) fn staff_event(&self, permit: &Permit, staff_id: &str, kind: &str, facts: Value) -> NewEvent {
        let mut body = json!({ "type": kind, "staff": staff_id });
        if let (Some(body), Value::Object(facts)) = (body.as_object_mut(), facts) {
            body.extend(facts);
        }
        NewEvent {
            aggregate: "staff",
            aggregate_id: staff_id.to_owned(),
            kind: kind.to_owned(),
            actor: permit.caller().actor().to_owned(),
            at: self.now(),
            body: body.to_string(),
        }
    }

    pub(in crate::app) fn one_time_password(&self) -> String {
        let drawn = bytes::<{ PASSWORD_GROUPS * 4 }>(self.entropy.as_ref());
        // 32 signs: five bits of each byte, so that none is likelier than another.
        let signs: Vec<char> = drawn.iter().map(|byte| char::from(PASSWORD_SIGNS[usize::from(byte % 32)])).collect();
        signs.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    }

    /// What is wanted of an account as it is written; `before` are the bases that it has.
    pub(in crate::app) fn checked(
        &self,
        site_id: &str,
        wanted: &StaffRequest,
        before: &[Basis],
        mut errors: FieldErrors,
    ) -> Answer<Checked> {
        let name = clean_line(&wanted.name, NAME_CHARS_MAX).map_err(|fault| errors.add("name", fault.code(), fault.message()));
        let mut roles = Vec::new();
        for (place, word) in wanted.roles.iter().enumerate() {
            match Role::parse(word) {
                Some(role) if roles.contains(&role) => errors.add(&format!("roles[{place}]"), "twice", "同一个岗位写了两次"),
                Some(role) => roles.push(role),
                None => errors.add(&format!("roles[{place}]"), "unknown", format!("没有“{word}”这个岗位")),
            }
        }
        if !go_together(&roles) {
            errors.add("roles", "roles_conflict", "审计人员不能同时有别的岗位");
        }
        let listing = self.directory.get();
        let root = listing.root_of(site_id)?.id.clone();
        let known = |id: &str| listing.departments.get(id).is_some_and(|row| row.site_id == root);
        if wanted.department_id.as_deref().is_some_and(|id| !known(id)) {
            errors.add("department_id", "unknown", "没有这个部门");
        }
        let bases = self.checked_bases(&wanted.bases, before, known, &mut errors);
        errors.check()?;
        let doc = StaffDoc {
            decides_instant: wanted.decides_instant,
            outsourced: wanted.outsourced,
            bases,
            access_until: wanted.access_until,
            one_time_until: None,
            engagement: None,
            cover_id: wanted.cover_id.as_deref().and_then(StaffId::parse),
            photo: None,
        };
        Ok(Checked { name: name.unwrap_or_default(), roles, department_id: wanted.department_id.clone(), doc })
    }
}

/// What an event keeps of an account: everything but names.
fn facts(roles: &[Role], department_id: &Option<String>, doc: &StaffDoc) -> Value {
    let roles: Vec<&str> = roles.iter().map(|role| role.name()).collect();
    json!({
        "roles": roles, "department": department_id, "decides_instant": doc.decides_instant, "outsourced": doc.outsourced,
        "bases": doc.bases, "access_until": doc.access_until, "engagement": doc.engagement, "cover": doc.cover_id,
    })
}

pub(in crate::app) async fn hashed(password: &str) -> Answer<String> {
    let password = password.to_owned();
    let hash = tokio::task::spawn_blocking(move || hash_password(&password)).await;
    hash.map_err(|error| AppError::Internal(format!("password: {error}")))?
}
