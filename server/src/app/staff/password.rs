//! The own password: changed by who knows it, and by who was given one for one sign-in.

use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::app::App;
use crate::app::caller::StaffCaller;
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::app::first_steps::{PASSWORD_TEXT, is_password};
use crate::app::sessions::{StaffDoc, hash_password, verify};
use crate::store::{ChangeSet, CounterRow, Expect, NewEvent, StaffRow};

/// Body of `PUT /sessions/current/password`.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordRequest {
    /// The password so far.
    pub current_password: String,
    /// The new one, at least ten characters.
    pub new_password: String,
}

impl std::fmt::Debug for PasswordRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordRequest")
    }
}

impl App {
    /// Changes the caller's password; every other session of the account ends.
    ///
    /// # Errors
    /// Field errors, a wrong password, too many of them.
    pub async fn change_password(&self, caller: &StaffCaller, request: PasswordRequest) -> Answer<()> {
        let (site_id, id) = (self.real_site_of(caller)?, caller.staff.id.as_str());
        let site_id = site_id.as_str();
        let PasswordRequest { current_password, new_password } = request;
        let mut errors = FieldErrors::default();
        errors.some(is_password(&new_password).then_some(()), "new_password", "length", PASSWORD_TEXT);
        if new_password == current_password {
            errors.add("new_password", "same", "新密码要和原来的不一样");
        }
        if new_password.to_lowercase().contains(&caller.username.to_lowercase()) {
            errors.add("new_password", "username", "密码里不要有登录名");
        }
        errors.check()?;
        let key = format!("password {id}");
        self.brake.begin(&key, self.now())?;
        let _turn = self.brake.turn().await?;
        let name = format!("staff/{id}");
        let version = self.stores.sites.counter(site_id, &name).await?;
        let row = self.stores.staff.staff(site_id, id).await?.ok_or(AppError::NotFound)?;
        let hash = row.password_hash.clone();
        let made =
            tokio::task::spawn_blocking(
                move || if verify(&current_password, &hash) { hash_password(&new_password).map(Some) } else { Ok(None) },
            );
        let made = made.await.map_err(|error| AppError::Internal(format!("password: {error}")))??;
        let hash = made.ok_or_else(|| AppError::field("current_password", "wrong", "原来的密码不对"))?;
        self.brake.passed(&key);
        let doc = StaffDoc { one_time_until: None, ..serde_json::from_str(&row.doc)? };
        let mut set = ChangeSet::new(site_id);
        set.expect.push(Expect::Counter(name.clone(), version));
        set.row(CounterRow { site_id: site_id.to_owned(), name, value: version + 1 });
        set.events.push(NewEvent {
            aggregate: "staff",
            aggregate_id: id.to_owned(),
            kind: "staff_password_changed".to_owned(),
            actor: id.to_owned(),
            at: self.now(),
            body: json!({ "type": "staff_password_changed", "staff": id }).to_string(),
        });
        set.row(StaffRow { password_hash: hash, doc: serde_json::to_string(&doc)?, ..row });
        self.commit(set).await?;
        self.end_sessions_of(site_id, id, Some(&caller.session)).await
    }
}
