//! What a field bag needs to receive applications without a line: matters as published, who may receive them, and the
//! letters of its own series. Nothing of it is personal but the names of colleagues.

use domain::bag::PHOTO_BYTES_MAX;
use domain::catalogue::Matter;
use domain::rights::{Operation, Role, allowed};
use protocol::bag::BagHouse;
use protocol::device::DeviceKind;
use protocol::keeper::HallStaff;

use crate::app::App;
use crate::app::caller::DeviceCaller;
use crate::app::error::{Answer, AppError};
use crate::app::sessions::StaffDoc;
use crate::vault::sha256;

impl App {
    /// What a bag is packed with.
    ///
    /// # Errors
    /// A device that never said by which key its journal is proved, or that no person admitted.
    pub async fn bag_house(&self, device: &DeviceCaller) -> Answer<BagHouse> {
        let not_ready = || AppError::field("", "not_a_keeper", "这台设备没有打开服务包（--bag），还收不了件");
        let row = self.own_keeper(device).await?.ok_or_else(not_ready)?;
        // As of a keeper: names and PINs are told to nobody whom no person admitted.
        if self.is_shut_out(device, &row).await? {
            let message = "还没有人允许这台设备，请信息员在 /it 允许它";
            return Err(AppError::Forbidden { code: "not_admitted", message: message.to_owned() });
        }
        let listing = self.directory.get();
        let site = listing.site(&device.site_id)?;
        let published = self.catalogue_rows(&site.id).await?.into_iter().filter(|row| row.state == "published");
        let matters: Vec<Matter> = published.map(|row| serde_json::from_str(&row.doc)).collect::<Result<_, _>>()?;
        Ok(BagHouse {
            device_id: device.id.clone(),
            site_id: site.id.clone(),
            site_key: site.key.clone(),
            site_name: site.name.clone(),
            site_phone: Some(site.phone.clone()).filter(|phone| !phone.is_empty()),
            public_url: self.settings.public_url.clone(),
            series: row.series,
            taken: self.bag_taken(device).await?,
            staff: self.bag_staff(&site.id).await?,
            matters: matters.into_iter().filter(Matter::takes_cases).collect(),
        })
    }

    /// Who may register applications and has a PIN.
    async fn bag_staff(&self, site_id: &str) -> Answer<Vec<HallStaff>> {
        let mut staff = Vec::new();
        for pin in self.stores.keepers.hall_pins(site_id).await? {
            let Some(row) = self.stores.staff.staff(site_id, &pin.staff_id).await?.filter(|row| row.active) else { continue };
            let doc: StaffDoc = serde_json::from_str(&row.doc)?;
            let roles: Vec<Role> = serde_json::from_str(&row.roles)?;
            let may = |operation: Operation| roles.iter().any(|role| allowed(*role, operation).is_some());
            if doc.has_access(self.now()) && may(Operation::RegisterCase) {
                staff.push(HallStaff {
                    staff_id: row.id,
                    username: row.username,
                    name: row.name,
                    pin_hash: pin.hash,
                    operates: may(Operation::OperateWindow),
                    supervises: may(Operation::SuperviseHall),
                    issues: may(Operation::IssueTicket),
                    last_day: doc.last_day(),
                });
            }
        }
        Ok(staff)
    }

    /// Keeps a content that a bag brings before the entry that names it.
    ///
    /// # Errors
    /// A device without a bag; bytes that are not what they are named, or too many.
    pub async fn keep_bag_content(&self, device: &DeviceCaller, hash: &str, bytes: &[u8]) -> Answer<()> {
        if device.kind != DeviceKind::Kiosk || self.own_keeper(device).await?.is_none() {
            return Err(AppError::field("", "not_a_keeper", "这台设备没有打开服务包（--bag），还收不了件"));
        }
        if bytes.len() > PHOTO_BYTES_MAX {
            return Err(AppError::field("", "too_large", "内容太大，一份最大 10 MB"));
        }
        if data_encoding::HEXLOWER.encode(&sha256(bytes)) != hash {
            return Err(AppError::field("sha", "other_content", "内容和编号对不上，请再传一次"));
        }
        self.keep_brought(&device.site_id, bytes.to_vec()).await
    }
}
