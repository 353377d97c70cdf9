//! Hall devices: pairing by a short code, where they stand, how they are, and their end.

use domain::ids::{DeviceId, WindowId};
use domain::time::{MINUTE_MS, Millis, rfc3339};
use protocol::device::{DeviceConfig, DeviceKind, VoiceCare};
use protocol::layout::DisplayLayout;
use protocol::slip::{PaperUse, PrinterProfile, PrinterStatus, ROLL_M_MAX};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::App;
use super::caller::{DeviceCaller, Permit};
use super::device_care::{PaperStockView, kept_of};
use super::error::{Answer, AppError};
use super::fresh::{digits, id_tail, token};
use super::presence::News;
use super::retry::{Outcome, Retry};
use crate::store::{AlertRow, ChangeSet, CounterRow, DeviceRow, Expect, NewEvent, PairingRow};
use crate::vault::sha256;

/// How long a pairing code is good.
pub const CODE_MS_MAX: Millis = 10 * MINUTE_MS;
/// Digits of a pairing code.
const CODE_DIGITS: usize = 8;
/// A device of another process counts as connected this long after it was last seen.
const SEEN_MS_MAX: Millis = 90_000;
/// Characters of an error that a device tells.
pub(super) const ERROR_CHARS_MAX: usize = 200;
/// Damaged files that are noted of a device.
const FILES_MAX: usize = 4;
/// Characters of a file's name that are noted.
const FILE_CHARS_MAX: usize = 40;
/// Characters of a loudspeaker zone's name.
const ZONE_CHARS_MAX: usize = 20;

/// Body of `POST /sites/{site}/pairing-codes`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PairingRequest {
    /// What the device will be.
    pub kind: DeviceKind,
    /// The window it will stand at.
    pub window_id: Option<String>,
}

/// A pairing code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PairingCodeView {
    /// Eight digits, good once.
    pub code: String,
    /// Until when, RFC 3339.
    pub expires_at: String,
}

/// Body of `POST /devices/pair`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PairRequest {
    /// Eight digits.
    pub code: String,
}

/// A device that was just paired; the token is told this once.
#[derive(Clone, Serialize, ToSchema)]
pub struct PairedView {
    /// The device.
    pub device_id: String,
    /// Its secret.
    pub token: String,
}

/// Body of `PUT /devices/{device}/binding`: what is left out is unset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BindingRequest {
    /// The window it stands at.
    pub window_id: Option<String>,
    /// Its loudspeaker zone.
    pub zone: Option<String>,
    /// What the printer can do, for printers.
    pub printer_profile: Option<PrinterProfile>,
}

/// A device as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeviceView {
    /// The device.
    pub id: String,
    /// What it is.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its site.
    pub site_id: String,
    /// The window it stands at.
    pub window_id: Option<String>,
    /// Its loudspeaker zone.
    pub zone: Option<String>,
    /// Whether it is connected.
    pub online: bool,
    /// When it was last heard, RFC 3339.
    pub seen_at: Option<String>,
    /// When it was revoked, RFC 3339.
    pub revoked_at: Option<String>,
    /// Version of its program.
    pub version: Option<String>,
    /// State of its printer.
    pub printer: Option<PrinterStatus>,
    /// Its last error.
    pub error: Option<String>,
    /// What its printer can do, as somebody set it.
    pub printer_profile: Option<PrinterProfile>,
    /// Its paper, for printers that counted some.
    pub paper: Option<PaperStockView>,
    /// The version that it should be brought to, when it runs another one than the server.
    pub update_to: Option<String>,
    /// How it speaks, for displays.
    pub voice: Option<VoiceCare>,
    /// What it shows, for displays; null where nobody chose and the address of its page says it.
    pub layout: Option<DisplayLayout>,
    /// When the picture of what it shows was taken, RFC 3339; `GET /devices/{device}/picture` has it.
    pub picture_at: Option<String>,
}

/// What the row's `status` keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeviceStatus {
    /// Whether it had a session when this was written.
    pub online: bool,
    /// Version of its program.
    pub version: Option<String>,
    /// State of its printer.
    pub printer: Option<PrinterStatus>,
    /// Its last error.
    pub error: Option<String>,
    /// Paper that its printer used.
    pub paper: Option<PaperUse>,
    /// When the newest picture of it was taken, UTC milliseconds.
    pub picture_at: Option<Millis>,
    /// Files that were damaged when its program started.
    pub damaged: Vec<String>,
}

/// Who knocks with a token.
#[derive(Debug, Clone)]
pub enum Knock {
    /// A device that may come in.
    Known(DeviceCaller),
    /// A device that was revoked and must hear so.
    Revoked,
}

/// The kind of a row.
///
/// # Errors
/// When the row names none.
pub(super) fn kind_of(row: &DeviceRow) -> Answer<DeviceKind> {
    Ok(serde_json::from_value(serde_json::Value::String(row.kind.clone()))?)
}

fn kind_name(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Kiosk => "取号机",
        DeviceKind::Display => "显示屏",
        DeviceKind::Printer => "打印机",
        DeviceKind::Pad => "评价器",
    }
}

/// What a row keeps of the device's state; nothing when it was never told.
pub(super) fn status_of(row: &DeviceRow) -> DeviceStatus {
    serde_json::from_str(&row.status).unwrap_or_default()
}

fn damaged_text(files: &[String]) -> String {
    format!("存档坏过（{}），旧的已改名留着", files.join("、"))
}

/// An event of a device for its site's log.
pub(super) fn device_event(device_id: &str, kind: &str, actor: &str, at: Millis, facts: serde_json::Value) -> NewEvent {
    let mut body = json!({ "type": kind, "device": device_id });
    if let (Some(body), serde_json::Value::Object(facts)) = (body.as_object_mut(), facts) {
        body.extend(facts);
    }
    NewEvent {
        aggregate: "device",
        aggregate_id: device_id.to_owned(),
        kind: kind.to_owned(),
        actor: actor.to_owned(),
        at,
        body: body.to_string(),
    }
}

impl App {
    /// Gives a code by which one device can be paired.
    ///
    /// # Errors
    /// An unknown window.
    pub async fn pairing_code(&self, permit: &Permit, request: &PairingRequest, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        self.once(site_id, retry, || async {
            self.check_window(site_id, request.window_id.as_deref()).await?;
            let (code, expires_at) = (digits(self.entropy.as_ref(), CODE_DIGITS), self.now() + CODE_MS_MAX);
            let mut set = ChangeSet::new(site_id);
            set.events.push(NewEvent {
                aggregate: "site",
                aggregate_id: site_id.to_owned(),
                kind: "pairing_code_given".to_owned(),
                actor: permit.caller().actor().to_owned(),
                at: self.now(),
                body: json!({ "type": "pairing_code_given", "kind": request.kind, "window": request.window_id }).to_string(),
            });
            set.row(PairingRow {
                code_hash: self.code_hash(&code),
                site_id: site_id.to_owned(),
                kind: request.kind.as_str().to_owned(),
                window_id: request.window_id.clone(),
                expires_at,
                used_at: None,
            });
            let view = PairingCodeView { code, expires_at: rfc3339(expires_at) };
            Ok((set, Outcome::success(201, None, json!(view))))
        })
        .await
    }

    fn code_hash(&self, code: &str) -> Vec<u8> {
        self.vault.blind_index("pairing_code", code)
    }

    async fn check_window(&self, site_id: &str, window_id: Option<&str>) -> Answer<()> {
        let Some(window_id) = window_id else { return Ok(()) };
        let hall = self.hall(site_id).await?;
        let known = WindowId::parse(window_id).is_some_and(|id| hall.window(&id).is_some());
        if known { Ok(()) } else { Err(AppError::field("window_id", "unknown", "没有这个窗口")) }
    }

    /// Pairs the device that gives a good code: it becomes a device of the code's site.
    ///
    /// # Errors
    /// A code that is wrong, used or too old (the same answer for all), too many wrong ones.
    pub async fn pair_device(&self, request: &PairRequest) -> Answer<PairedView> {
        let now = self.now();
        if request.code.len() != CODE_DIGITS || !request.code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(AppError::field("code", "form", "配对码是 8 位数字"));
        }
        self.presence.may_guess(now)?;
        let Some(pairing) = self.stores.devices.use_pairing(&self.code_hash(&request.code), now).await? else {
            self.presence.guessed_wrong(now);
            return Err(AppError::refused("pairing_code", "配对码不对、已用过或已过期，请到管理页重新取一个"));
        };
        let kind = serde_json::from_value::<DeviceKind>(serde_json::Value::String(pairing.kind.clone()))?;
        let site = self.directory.get().site(&pairing.site_id)?.clone();
        let same_kind = self.stores.devices.devices(&site.id).await?.iter().filter(|row| row.kind == pairing.kind).count();
        let token = token(self.entropy.as_ref());
        let device_id = DeviceId::new(&site.key, &id_tail(self.entropy.as_ref(), now)).to_string();
        let mut set = ChangeSet::new(&site.id);
        let facts = json!({ "kind": pairing.kind, "window": pairing.window_id });
        set.events.push(device_event(&device_id, "device_paired", &device_id, now, facts));
        set.row(DeviceRow {
            site_id: site.id.clone(),
            id: device_id.clone(),
            kind: pairing.kind,
            name: format!("{} {}", kind_name(kind), same_kind + 1),
            token_hash: sha256(token.as_bytes()),
            window_id: pairing.window_id,
            zone: None,
            profile: None,
            revoked_at: None,
            seen_at: None,
            status: "{}".to_owned(),
            settings: None,
        });
        self.commit(set).await?;
        Ok(PairedView { device_id, token })
    }

    /// The devices of a site, by id.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn devices(&self, permit: &Permit) -> Answer<Vec<DeviceView>> {
        let mut rows = self.stores.devices.devices(permit.site_id()).await?;
        rows.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(rows.iter().map(|row| self.device_view(row)).collect())
    }

    /// A device as it is told of itself.
    ///
    /// # Errors
    /// When there is none.
    pub async fn own_device(&self, device: &DeviceCaller) -> Answer<DeviceView> {
        let row = self.stores.devices.device(&device.site_id, &device.id).await?.ok_or(AppError::NotFound)?;
        Ok(self.device_view(&row))
    }

    /// Whether a device is connected, here or at another process of this service.
    pub(super) fn is_online(&self, row: &DeviceRow) -> bool {
        if self.presence.is_present(&row.id) {
            return true;
        }
        let elsewhere = !self.stores.commit.spans_sites();
        elsewhere && status_of(row).online && row.seen_at.is_some_and(|seen_at| self.now() - seen_at < SEEN_MS_MAX)
    }

    pub(super) fn device_view(&self, row: &DeviceRow) -> DeviceView {
        let (status, online) = (status_of(row), self.is_online(row));
        let profile = row.profile.as_deref().and_then(|profile| serde_json::from_str::<PrinterProfile>(profile).ok());
        let roll_m = profile.map_or(0, |profile| profile.roll_m);
        let own_version = env!("CARGO_PKG_VERSION");
        DeviceView {
            printer_profile: profile,
            paper: status.paper.map(|used| PaperStockView::of(&used, roll_m, kept_of(row).spare_rolls(&used))),
            update_to: status.version.as_deref().is_some_and(|version| version != own_version).then(|| own_version.to_owned()),
            picture_at: status.picture_at.map(rfc3339),
            voice: (row.kind == "display").then(|| kept_of(row).voice),
            layout: kept_of(row).layout.filter(|_| row.kind == "display"),
            id: row.id.clone(),
            kind: row.kind.clone(),
            name: row.name.clone(),
            site_id: row.site_id.clone(),
            window_id: row.window_id.clone(),
            zone: row.zone.clone(),
            online,
            seen_at: row.seen_at.map(rfc3339),
            revoked_at: row.revoked_at.map(rfc3339),
            version: status.version,
            printer: if row.kind != "printer" || online { status.printer } else { Some(PrinterStatus::UNREACHABLE) },
            error: if status.damaged.is_empty() { status.error } else { Some(damaged_text(&status.damaged)) },
        }
    }

    /// Says where a device stands.
    ///
    /// # Errors
    /// Field errors, an unknown or revoked device.
    pub async fn bind_device(&self, permit: &Permit, id: &DeviceId, request: &BindingRequest, retry: Option<&Retry>) -> Answer<Outcome> {
        let outcome = self
            .once(permit.site_id(), retry, || async {
                self.check_window(permit.site_id(), request.window_id.as_deref()).await?;
                let zone = match request.zone.as_deref().map(str::trim).filter(|zone| !zone.is_empty()) {
                    Some(zone) => Some(
                        domain::codes::clean_line(zone, ZONE_CHARS_MAX)
                            .map_err(|fault| AppError::field("zone", fault.code(), &fault.message()))?,
                    ),
                    None => None,
                };
                if request.printer_profile.is_some_and(|profile| profile.roll_m > ROLL_M_MAX) {
                    return Err(AppError::field("printer_profile.roll_m", "range", &format!("一卷纸最多 {ROLL_M_MAX} 米")));
                }
                let (mut set, mut row) = self.device_change(permit, id).await?;
                if row.revoked_at.is_some() {
                    return Err(AppError::refused("device_revoked", "这台设备已停用"));
                }
                row.window_id.clone_from(&request.window_id);
                row.zone = zone;
                row.profile = request.printer_profile.as_ref().map(serde_json::to_string).transpose()?;
                let facts = json!({ "window": row.window_id, "zone": row.zone, "profile": request.printer_profile });
                set.events.push(device_event(&row.id, "device_bound", permit.caller().actor(), self.now(), facts));
                let view = self.device_view(&row);
                set.row(row);
                Ok((set, Outcome::success(200, Some(id.to_string()), json!(view))))
            })
            .await?;
        self.presence.tell(News::Device { device_id: id.to_string() });
        Ok(outcome)
    }

    /// Ends a device: its token is good no more, its session ends, and the slips that it had not
    /// printed wait for another printer, marked 补打 because a copy may lie in it.
    ///
    /// # Errors
    /// An unknown device.
    pub async fn revoke_device(&self, permit: &Permit, id: &DeviceId, retry: Option<&Retry>) -> Answer<Outcome> {
        let outcome = self
            .once(permit.site_id(), retry, || async {
                let (mut set, mut row) = self.device_change(permit, id).await?;
                if row.revoked_at.is_none() {
                    row.revoked_at = Some(self.now());
                    set.events.push(device_event(&row.id, "device_revoked", permit.caller().actor(), self.now(), json!({})));
                    set.rows.extend(self.jobs_given_back(&row.id).await?);
                    if let Some(ended) = self.keeper_ended(permit.site_id(), &row.id).await? {
                        set.expect.extend(ended.expect);
                        set.rows.extend(ended.rows);
                    }
                }
                let view = self.device_view(&row);
                set.row(row);
                Ok((set, Outcome::success(200, Some(id.to_string()), json!(view))))
            })
            .await?;
        self.read_office(permit.site_id()).await?;
        self.presence.tell(News::Device { device_id: id.to_string() });
        Ok(outcome)
    }

    /// A device's row and the change-set that changes it; of two changes at once one is decided again,
    /// so that no binding brings a revoked device back.
    pub(super) async fn device_change(&self, permit: &Permit, id: &DeviceId) -> Answer<(ChangeSet, DeviceRow)> {
        let site_id = permit.site_id();
        let name = format!("device/{id}");
        let version = self.stores.sites.counter(site_id, &name).await?;
        let row = self.stores.devices.device(site_id, id.as_str()).await?.ok_or(AppError::NotFound)?;
        let mut set = ChangeSet::new(site_id);
        set.expect.push(Expect::Counter(name.clone(), version));
        set.row(CounterRow { site_id: site_id.to_owned(), name, value: version + 1 });
        Ok((set, row))
    }

    /// Who stands at the door of the device session with a token.
    ///
    /// # Errors
    /// When nobody knows the token.
    pub async fn knock(&self, token: &str) -> Answer<Knock> {
        let unknown = AppError::Unauthorised { code: "device_unknown", message: "这台设备还没有配对" };
        let row = self.stores.devices.device_by_token(&sha256(token.as_bytes())).await?.ok_or(unknown)?;
        self.known(row)
    }

    /// A device as it stands now.
    ///
    /// # Errors
    /// When there is none.
    pub async fn device_now(&self, device: &DeviceCaller) -> Answer<Knock> {
        let row = self.stores.devices.device(&device.site_id, &device.id).await?.ok_or(AppError::NotFound)?;
        self.known(row)
    }

    fn known(&self, row: DeviceRow) -> Answer<Knock> {
        if row.revoked_at.is_some() {
            return Ok(Knock::Revoked);
        }
        let kind = kind_of(&row)?;
        Ok(Knock::Known(DeviceCaller { id: row.id, kind, site_id: row.site_id, window_id: row.window_id }))
    }

    /// What a device works with.
    ///
    /// # Errors
    /// When the device or its site is gone.
    pub async fn device_config(&self, device: &DeviceCaller) -> Answer<DeviceConfig> {
        let row = self.stores.devices.device(&device.site_id, &device.id).await?.ok_or(AppError::NotFound)?;
        let listing = self.directory.get();
        let site = listing.site(&row.site_id)?;
        let (keeper_url, standby_urls) = match device.kind {
            DeviceKind::Display | DeviceKind::Printer | DeviceKind::Kiosk => self.keeper_urls(&row.site_id, &row.id).await?,
            DeviceKind::Pad => (None, Vec::new()),
        };
        Ok(DeviceConfig {
            kind: kind_of(&row)?,
            device_id: row.id,
            site_id: site.id.clone(),
            site_name: site.name.clone(),
            site_phone: Some(site.phone.clone()).filter(|phone| !phone.is_empty()),
            window_id: row.window_id,
            now_ms: self.now(),
            printer_profile: row.profile.as_deref().map(serde_json::from_str).transpose()?,
            public_url: Some(self.settings.public_url.clone()),
            missed_rule: Some(self.hall(&row.site_id).await?.doc().policy.missed_rule()),
            keeper_url,
            standby_urls,
            from_keeper: false,
        })
    }

    /// Notes which files of a device were damaged when its program started: the person in charge is told until it
    /// starts with sound ones.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn device_damaged(&self, device: &DeviceCaller, damaged: &[String]) -> Answer<()> {
        let Some(row) = self.stores.devices.device(&device.site_id, &device.id).await? else { return Ok(()) };
        let mut status = status_of(&row);
        let named = |name: &String| name.chars().filter(|sign| sign.is_ascii_graphic()).take(FILE_CHARS_MAX).collect();
        let damaged: Vec<String> = damaged.iter().take(FILES_MAX).map(named).collect();
        if status.damaged == damaged {
            return Ok(());
        }
        let text = damaged_text(&damaged);
        status.damaged.clone_from(&damaged);
        self.stores.devices.seen(&row.site_id, &row.id, self.now(), &serde_json::to_string(&status)?).await?;
        let is_damaged = !damaged.is_empty();
        let kind = if is_damaged { "device_damaged" } else { "device_sound" };
        let alert = is_damaged.then(|| (kind.to_owned(), format!("{}的{text}，请看看它的硬盘；发出去的号都有效", row.name)));
        self.device_told(&row, (kind, json!({ "files": damaged })), "device_damaged", alert).await
    }

    /// Notes how a device is by an event: its alerts whose kind begins so are over, and one may begin, by kind and text.
    pub(super) async fn device_told(
        &self,
        row: &DeviceRow,
        (kind, facts): (&str, serde_json::Value),
        prefix: &str,
        alert: Option<(String, String)>,
    ) -> Answer<()> {
        let now = self.now();
        let mut set = ChangeSet::new(&row.site_id);
        set.events.push(device_event(&row.id, kind, &row.id, now, facts));
        let is_own = |alert: &AlertRow| alert.object_id == row.id && alert.kind.starts_with(prefix);
        for alert in self.stores.cases.alerts(&row.site_id).await?.into_iter().filter(is_own) {
            set.row(AlertRow { settled_at: Some(now), ..alert });
        }
        if let Some((kind, text)) = alert {
            let key = self.directory.get().site(&row.site_id)?.key.clone();
            set.row(AlertRow {
                site_id: row.site_id.clone(),
                id: format!("al_{key}_{}", id_tail(self.entropy.as_ref(), now)),
                kind,
                level: "yellow".to_owned(),
                object_id: row.id.clone(),
                text,
                at: now,
                settled_at: None,
                audience: String::new(),
            });
        }
        self.commit(set).await.map(drop).map_err(AppError::from)
    }

    /// Notes that a device is there, or has gone.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn device_seen(&self, device: &DeviceCaller, online: bool, version: Option<&str>) -> Answer<()> {
        let Some(row) = self.stores.devices.device(&device.site_id, &device.id).await? else { return Ok(()) };
        let mut status = status_of(&row);
        status.online = online;
        if let Some(version) = version {
            status.version = Some(version.chars().take(40).collect());
        }
        Ok(self.stores.devices.seen(&device.site_id, &device.id, self.now(), &serde_json::to_string(&status)?).await?)
    }
}
