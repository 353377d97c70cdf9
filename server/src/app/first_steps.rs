//! The first steps of a new installation: the district's site with the calendar, and an account
//! that can do the rest.

use domain::calendar::Calendar;
use domain::codes::clean_line;
use domain::ids::{SiteId, StaffId, is_site_key};
use domain::rights::Role;
use serde_json::json;

use super::App;
use super::error::{Answer, AppError, FieldErrors};
use super::fresh::id_tail;
use super::sessions::{StaffDoc, hash_password};
use crate::store::{CalendarRow, ChangeSet, NewEvent, SiteRow, StaffRow};

/// Shortest password of an administrator, in characters.
const PASSWORD_CHARS_MIN: usize = 10;
const PASSWORD_BYTES_MAX: usize = 200;
const USERNAME_CHARS_MAX: usize = 40;
/// Longest name of a person, in characters.
pub(super) const NAME_CHARS_MAX: usize = 60;
/// What is said of a login name of another form.
pub(super) const USERNAME_TEXT: &str = "登录名用 1 到 40 位字母、数字、点、横线";
/// What is said of a password that is too short.
pub(super) const PASSWORD_TEXT: &str = "密码至少 10 个字符";

/// Whether a text can be a login name.
pub(super) fn is_username(text: &str) -> bool {
    !text.is_empty() && text.len() <= USERNAME_CHARS_MAX && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// Whether a text is long enough for a password.
pub(super) fn is_password(text: &str) -> bool {
    text.chars().count() >= PASSWORD_CHARS_MIN && text.len() <= PASSWORD_BYTES_MAX
}

/// An administrator to be made.
#[derive(Clone)]
pub struct NewAdmin {
    /// Login name.
    pub username: String,
    /// Name for people.
    pub name: String,
    /// Home site.
    pub site_id: String,
    /// Password.
    pub password: String,
}

impl std::fmt::Debug for NewAdmin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewAdmin").field("username", &self.username).finish_non_exhaustive()
    }
}

/// The district's site on empty data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDistrict {
    /// Its name.
    pub name: String,
    /// Its short key inside ids.
    pub key: String,
}

impl App {
    /// Makes an administrator; on empty data the district's site and the calendar too.
    ///
    /// # Errors
    /// Field errors, an unknown site, a user name that is taken, the store.
    pub async fn create_admin(&self, admin: NewAdmin, district: Option<NewDistrict>) -> Answer<()> {
        let is_empty = self.directory.get().sites.is_empty();
        let mut errors = FieldErrors::default();
        errors.some(is_username(&admin.username).then_some(()), "username", "form", USERNAME_TEXT);
        errors.some(is_password(&admin.password).then_some(()), "password", "length", PASSWORD_TEXT);
        let name = errors.some(clean_line(&admin.name, NAME_CHARS_MAX).ok(), "name", "text", "姓名 1 到 60 个字");
        if is_empty {
            let sound = district.as_ref().is_some_and(|district| is_site_key(&district.key) && !district.name.trim().is_empty());
            errors.some(sound.then_some(()), "site", "missing", "还没有任何场所：再写 --site-name 和 --site-key，先建区级大厅");
            errors.some(SiteId::parse(&admin.site_id), "site", "form", "场所编号用小写字母、数字和横线，最多 40 位");
        } else if self.directory.get().site(&admin.site_id).is_err() {
            errors.add("site", "unknown", format!("没有场所 {}", admin.site_id));
        }
        if self.stores.staff.staff_by_username(&admin.username).await?.is_some() {
            errors.add("username", "taken", "这个登录名已经有人用了");
        }
        errors.check()?;
        let mut set = ChangeSet::new(&admin.site_id);
        let key = match (is_empty, district) {
            (true, Some(district)) => {
                district_rows(&mut set, &admin.site_id, &district)?;
                district.key
            }
            _ => self.directory.get().site(&admin.site_id)?.key.clone(),
        };
        let id = StaffId::new(&key, &id_tail(self.entropy.as_ref(), self.now()));
        set.events.push(NewEvent {
            aggregate: "site",
            aggregate_id: admin.site_id.clone(),
            kind: "staff_added".to_owned(),
            actor: "system".to_owned(),
            at: self.now(),
            body: json!({ "type": "staff_added", "staff": id, "roles": [Role::Admin.name()] }).to_string(),
        });
        set.row(StaffRow {
            site_id: admin.site_id.clone(),
            id: id.to_string(),
            username: admin.username,
            name: name.unwrap_or_default(),
            roles: serde_json::to_string(&[Role::Admin])?,
            department_id: None,
            password_hash: hash_password(&admin.password)?,
            active: true,
            failures: 0,
            locked_until: 0,
            doc: serde_json::to_string(&StaffDoc::default())?,
        });
        self.commit(set).await?;
        self.directory.reload(&self.stores).await
    }
}

fn district_rows(set: &mut ChangeSet, site_id: &str, district: &NewDistrict) -> Answer<()> {
    let name = clean_line(&district.name, NAME_CHARS_MAX).map_err(|fault| AppError::field("site_name", fault.code(), &fault.message()))?;
    set.row(SiteRow {
        id: site_id.to_owned(),
        key: district.key.clone(),
        parent_id: None,
        kind: "district_hall".to_owned(),
        name,
        address: String::new(),
        phone: String::new(),
        doc: json!({ "area_code": "" }).to_string(),
    });
    for (year, days) in Calendar::state_council().years() {
        set.row(CalendarRow { year: i64::from(year), doc: serde_json::to_string(days)? });
    }
    Ok(())
}
