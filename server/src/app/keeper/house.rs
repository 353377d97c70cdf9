//! What a keeper must know besides the hall: who may work there and by which PIN, and the hall's devices.

use domain::rights::{Operation, Role, allowed};
use protocol::device::DeviceKind;
use protocol::keeper::{HallDevice, HallSnapshot, HallStaff, House};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::app::caller::{DeviceCaller, Permit};
use crate::app::device_care::care_of;
use crate::app::devices::kind_of;
use crate::app::error::Answer;
use crate::app::hall::load_hall_at;
use crate::app::sessions::StaffDoc;
use crate::store::StaffRow;

/// Whether somebody calls and serves, supervises, and gives numbers.
fn work_of(row: &StaffRow) -> Answer<(bool, bool, bool)> {
    let roles: Vec<Role> = serde_json::from_str(&row.roles)?;
    let may = |operation: Operation| roles.iter().any(|role| allowed(*role, operation).is_some());
    Ok((may(Operation::OperateWindow), may(Operation::SuperviseHall), may(Operation::IssueTicket)))
}

/// Somebody of the hall who could not sign in at its keeper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WithoutPinView {
    /// The person.
    pub staff_id: String,
    /// Name for colleagues.
    pub name: String,
}

impl App {
    /// Who works at the windows of a hall or supervises it and has no PIN for the time without its line, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn staff_without_pin(&self, permit: &Permit) -> Answer<Vec<WithoutPinView>> {
        let site_id = permit.site_id();
        let pins = self.stores.keepers.hall_pins(site_id).await?;
        let mut without = Vec::new();
        for row in self.stores.staff.all_staff().await?.into_iter().filter(|row| row.site_id == site_id && row.active) {
            let doc: StaffDoc = serde_json::from_str(&row.doc)?;
            let (operates, supervises, _) = work_of(&row)?;
            let has_pin = pins.iter().any(|pin| pin.staff_id == row.id);
            if (operates || supervises) && !has_pin && doc.has_access(self.now()) {
                without.push(WithoutPinView { staff_id: row.id, name: row.name });
            }
        }
        without.sort_by(|one, other| (&one.name, &one.staff_id).cmp(&(&other.name, &other.staff_id)));
        Ok(without)
    }

    /// The house of a keeper's hall.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn keeper_house(&self, device: &DeviceCaller) -> Answer<House> {
        let listing = self.directory.get();
        let site = listing.site(&device.site_id)?;
        let pins = self.stores.keepers.hall_pins(&site.id).await?;
        let mut staff = Vec::new();
        for pin in pins {
            let Some(row) = self.stores.staff.staff(&site.id, &pin.staff_id).await?.filter(|row| row.active) else { continue };
            let doc: StaffDoc = serde_json::from_str(&row.doc)?;
            if !doc.has_access(self.now()) {
                continue;
            }
            let (operates, supervises, issues) = work_of(&row)?;
            if operates || supervises || issues {
                staff.push(HallStaff {
                    staff_id: row.id,
                    username: row.username,
                    name: row.name,
                    pin_hash: pin.hash,
                    operates,
                    supervises,
                    issues,
                    last_day: doc.last_day(),
                });
            }
        }
        let mut devices = Vec::new();
        for row in self.stores.devices.devices(&site.id).await? {
            let kind = kind_of(&row)?;
            // No device is served by itself, and a pad asks what only the server knows.
            if row.revoked_at.is_some() || kind == DeviceKind::Pad || row.id == device.id {
                continue;
            }
            devices.push(HallDevice {
                token_hash: data_encoding::HEXLOWER.encode(&row.token_hash),
                printer_profile: row.profile.as_deref().map(serde_json::from_str).transpose()?,
                care: care_of(&row, false),
                zone: row.zone,
                id: row.id,
                kind,
                window_id: row.window_id,
            });
        }
        let content = self.board_content(&site.id).await?.shown(self.now());
        Ok(House {
            site_key: site.key.clone(),
            site_name: site.name.clone(),
            site_phone: Some(site.phone.clone()).filter(|phone| !phone.is_empty()),
            public_url: self.settings.public_url.clone(),
            notices: content.notices,
            emergency: content.emergency,
            staff,
            devices,
        })
    }

    /// The hall as it is, and the place in the log at which it is like that.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn keeper_hall(&self, device: &DeviceCaller) -> Answer<(HallSnapshot, i64)> {
        let (hall, head) = load_hall_at(&self.stores, &device.site_id).await?;
        let (doc, windows, tickets) = hall.parts();
        Ok((HallSnapshot { doc, windows, tickets }, head.map_or(0, |head| head.seq)))
    }
}
