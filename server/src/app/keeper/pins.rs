//! The hall PIN: six digits by which a clerk signs in at the keeper while the line is cut. It opens hall
//! commands of the own site there and nothing here.

use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::app::App;
use crate::app::caller::StaffCaller;
use crate::app::error::{Answer, AppError};
use crate::app::sessions::hash_password;
use crate::store::{ChangeSet, HallPinRow, NewEvent};

/// Digits of a PIN.
const DIGITS: usize = 6;

/// Body of `PUT /sessions/current/hall-pin`.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HallPinRequest {
    /// Six digits; not all the same, not in a row.
    pub pin: String,
}

/// Whether a PIN is one that nobody tries first.
fn is_usable(pin: &str) -> bool {
    let steps: Vec<i32> = pin.as_bytes().windows(2).map(|pair| i32::from(pair[1]) - i32::from(pair[0])).collect();
    !(steps.iter().all(|step| *step == 0) || steps.iter().all(|step| *step == 1) || steps.iter().all(|step| *step == -1))
}

impl App {
    /// Sets the own hall PIN.
    ///
    /// # Errors
    /// A PIN that is not six digits or too simple.
    pub async fn set_hall_pin(&self, caller: &StaffCaller, request: HallPinRequest) -> Answer<()> {
        let HallPinRequest { pin } = request;
        if pin.len() != DIGITS || !pin.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(AppError::field("pin", "form", "断网口令是 6 位数字"));
        }
        if !is_usable(&pin) {
            return Err(AppError::field("pin", "simple", "断网口令不要用相同或相连的数字"));
        }
        let _turn = self.brake.turn().await?;
        let hash = tokio::task::spawn_blocking(move || hash_password(&pin))
            .await
            .map_err(|error| AppError::Internal(format!("pin: {error}")))??;
        let (site_id, staff_id) = (caller.staff.site.to_string(), caller.staff.id.to_string());
        let mut set = ChangeSet::new(&site_id);
        set.events.push(NewEvent {
            aggregate: "staff",
            aggregate_id: staff_id.clone(),
            kind: "hall_pin_set".to_owned(),
            actor: staff_id.clone(),
            at: self.now(),
            body: json!({ "type": "hall_pin_set", "staff": staff_id }).to_string(),
        });
        set.row(HallPinRow { site_id, staff_id, hash, set_at: self.now() });
        Ok(self.commit(set).await.map(drop)?)
    }
}

#[cfg(test)]
mod tests {
    use super::is_usable;

    #[test]
    fn what_is_tried_first_is_no_pin() {
        for pin in ["000000", "123456", "987654", "345678"] {
            assert!(!is_usable(pin), "{pin}");
        }
        for pin in ["112233", "204815", "123457"] {
            assert!(is_usable(pin), "{pin}");
        }
    }
}
