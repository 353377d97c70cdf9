//! Photos of members of staff: given by themselves or by who runs the hall, shown on the pad of the window where they
//! sit, gone with their access. A photo is kept like the pictures of guides, but no page for everybody shows it.

use domain::ids::{StaffId, WindowId};
use domain::rights::{Operation, Role, works_in_hall};
use serde_json::{Value, json};

use crate::app::App;
use crate::app::caller::Permit;
use crate::app::cases::SentFile;
use crate::app::error::{Answer, AppError, FieldError, FieldErrors};
use crate::app::public_files::{PublicFile, name_of, portrait};
use crate::app::retry::{Outcome, Retry};
use crate::app::sessions::StaffDoc;
use crate::store::StaffRow;

/// The event by which somebody's photo is another one, or none.
pub const PHOTO_CHANGED: &str = "staff_photo_changed";

/// Where a photo is read by who looks after accounts; another photo has another address.
pub(super) fn photo_url(staff_id: &str, photo: &str) -> String {
    format!("/api/v1/staff/{staff_id}/photo?v={}", photo.get(..12).unwrap_or(photo))
}

/// An account's document without its photo.
pub(super) fn without_photo(doc: &str) -> Answer<String> {
    let doc: StaffDoc = serde_json::from_str(doc)?;
    Ok(serde_json::to_string(&StaffDoc { photo: None, ..doc })?)
}

impl App {
    /// Gives somebody a photo, or takes it away; the caller proved to be the person, or to look after accounts.
    ///
    /// # Errors
    /// 404; what is no photo, as an outcome.
    pub async fn change_photo(
        &self,
        permit: &Permit,
        id: &StaffId,
        photo: Result<Option<Vec<u8>>, Vec<FieldError>>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        self.stores.staff.staff(permit.site_id(), id.as_str()).await?.ok_or(AppError::NotFound)?;
        let mut errors = FieldErrors::default();
        let (file, wrong) = match photo {
            Ok(bytes) => (bytes.map(|bytes| SentFile { name: String::new(), bytes }), Vec::new()),
            Err(wrong) => (None, wrong),
        };
        let sight = self.seen(file, &mut errors, |bytes| portrait(&bytes)).await?;
        let wrong = [wrong, errors.into_vec()].concat();
        let outcome = self
            .once(permit.site_id(), retry, || async {
                if !wrong.is_empty() {
                    return Err(AppError::Invalid(wrong.clone()));
                }
                let (mut set, row) = self.staff_change(permit, id).await?;
                // As with passwords: who runs the hall does it for those who work in it.
                if permit.operation() == Operation::ResetPassword && !works_in_hall(&serde_json::from_str::<Vec<Role>>(&row.roles)?) {
                    let message = "这个人的岗位不只在大厅，照片请本人或系统管理员来放".to_owned();
                    return Err(AppError::Forbidden { code: "forbidden", message });
                }
                if !row.active && sight.is_some() {
                    return Err(AppError::refused("staff_state", "这个账号停了，先恢复再放照片"));
                }
                let mut doc: StaffDoc = serde_json::from_str(&row.doc)?;
                doc.photo = None;
                if let Some(sight) = &sight {
                    let (file, is_news) = self.keep_public(&row.site_id, &row.id, sight, true).await?;
                    doc.photo = Some(name_of(&file.sha256));
                    if is_news {
                        set.row(file);
                    }
                }
                // What was there before is nobody's any more.
                let kept = doc.photo.clone();
                let former = self.named_anew(&row.site_id, &row.id, move |name| kept.as_deref() == Some(name)).await?;
                set.rows.extend(former);
                let facts = json!({ "has_photo": doc.photo.is_some() });
                set.events.push(self.staff_event(permit, &row.id, PHOTO_CHANGED, facts));
                set.row(StaffRow { doc: serde_json::to_string(&doc)?, ..row });
                Ok((set, Outcome::success(200, Some(id.to_string()), Value::Null)))
            })
            .await?;
        self.account_told(permit, outcome).await
    }

    /// The photo of a member of staff; `None` without one.
    ///
    /// # Errors
    /// 404 for nobody.
    pub async fn photo(&self, site_id: &str, id: &str) -> Answer<Option<PublicFile>> {
        let row = self.stores.staff.staff(site_id, id).await?.ok_or(AppError::NotFound)?;
        let doc: StaffDoc = serde_json::from_str(&row.doc)?;
        let Some(photo) = doc.photo.filter(|_| row.active) else { return Ok(None) };
        self.public_file(site_id, id, &photo).await.map(Some)
    }

    /// The photo of who sits at a window now; `None` where nobody sits, or who sits there has none.
    ///
    /// # Errors
    /// 404 for no window of the site.
    pub async fn photo_at_window(&self, site_id: &str, window: &WindowId) -> Answer<Option<PublicFile>> {
        let hall = self.hall(site_id).await?;
        let Some(staff) = hall.window(window).ok_or(AppError::NotFound)?.staff().cloned() else { return Ok(None) };
        let home = self.directory.get().site_of_key(staff.site_key())?.id.clone();
        self.photo(&home, staff.as_str()).await
    }
}
