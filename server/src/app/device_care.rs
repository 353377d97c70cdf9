//! Care of devices from afar: load the page again, see what a display shows, know how long the paper lasts. Knows no
//! device's inside; what is asked lies in the device's row, so any process of the service may be asked.

use chrono::NaiveTime;
use domain::ids::DeviceId;
use domain::time::Millis;
use protocol::device::{DeviceCare, DeviceKind, Loudspeaker, REPEATS_MAX, VoiceCare};
use protocol::layout::{BoardBlock, DisplayLayout, DisplayView};
use protocol::slip::PaperUse;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::App;
use super::caller::{DeviceCaller, Permit};
use super::devices::{ERROR_CHARS_MAX, device_event, kind_of, status_of};
use super::error::{Answer, AppError, FieldErrors};
use super::presence::News;
use super::retry::{Outcome, Retry};
use crate::store::{ChangeSet, DevicePictureRow, DeviceRow};

/// Most rolls that a hall has in its cupboard.
const SPARE_ROLLS_MAX: u16 = 999;
/// Most steps of loudness in a day.
const VOLUME_STEPS_MAX: usize = 12;
/// First bytes of every JPEG.
const JPEG: [u8; 3] = [0xFF, 0xD8, 0xFF];

/// What is asked of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CareRequest {
    /// Load the page again.
    Reload,
    /// Send a picture of what it shows.
    Picture,
}

/// Body of `PUT /devices/{device}/paper`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaperStockRequest {
    /// Rolls in the cupboard, without the one in the printer. Each roll that the printer gets is taken off.
    pub spare_rolls: u16,
}

/// The paper of a printer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PaperStockView {
    /// Used today, in millimetres.
    pub today_mm: u32,
    /// Mean of a day, in millimetres; missing in the first days.
    pub mean_day_mm: Option<u32>,
    /// Left on the roll, in millimetres; missing where its length is not set or no change of roll was seen.
    pub left_mm: Option<u32>,
    /// Rolls in the cupboard; missing where nobody counted them.
    pub spare_rolls: Option<u16>,
    /// Days until roll and cupboard are empty, rounded down.
    pub left_days: Option<u32>,
}

impl PaperStockView {
    /// The forecast from what the printer counted, the length of a roll in metres (0: not known) and the rolls in
    /// the cupboard.
    pub(super) fn of(used: &PaperUse, roll_m: u16, spare_rolls: Option<u16>) -> Self {
        let roll_mm = u32::from(roll_m) * 1000;
        let left_mm = used.since_roll_mm.filter(|_| roll_mm > 0).map(|since_mm| roll_mm.saturating_sub(since_mm));
        let in_all = left_mm.map(|left_mm| u64::from(left_mm) + u64::from(spare_rolls.unwrap_or(0)) * u64::from(roll_mm));
        let left_days = in_all.zip(used.mean_day_mm.filter(|mean| *mean > 0)).map(|(left_mm, mean)| left_mm / u64::from(mean));
        Self {
            today_mm: used.today_mm,
            mean_day_mm: used.mean_day_mm,
            left_mm,
            spare_rolls,
            left_days: left_days.map(|days| u32::try_from(days).unwrap_or(u32::MAX)),
        }
    }
}

/// What a row's `settings` keep.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    reload: u32,
    picture: u32,
    spare: Option<Spare>,
    pub(super) voice: VoiceCare,
    /// What a display shows; nothing where nobody chose.
    pub(super) layout: Option<DisplayLayout>,
}

/// Rolls in the cupboard when somebody counted them, and how many rolls the printer had got by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Spare {
    rolls: u16,
    at_change: u32,
}

impl Kept {
    /// Rolls in the cupboard now.
    pub(super) fn spare_rolls(&self, used: &PaperUse) -> Option<u16> {
        self.spare.map(|spare| {
            let taken = used.rolls_changed.saturating_sub(spare.at_change);
            spare.rolls.saturating_sub(u16::try_from(taken).unwrap_or(u16::MAX))
        })
    }
}

/// What a row keeps of the care of its device; nothing when nobody asked for any.
pub(super) fn kept_of(row: &DeviceRow) -> Kept {
    row.settings.as_deref().and_then(|settings| serde_json::from_str(settings).ok()).unwrap_or_default()
}

/// What is asked of a device, as its row keeps it.
pub(super) fn care_of(row: &DeviceRow, speaks: bool) -> DeviceCare {
    let Kept { reload, picture, voice, layout, .. } = kept_of(row);
    DeviceCare { reload, picture, version: env!("CARGO_PKG_VERSION").to_owned(), speaks, voice, layout }
}

fn loudspeaker(row: &DeviceRow) -> Loudspeaker<'_> {
    Loudspeaker { id: &row.id, zone: row.zone.as_deref(), window_id: row.window_id.as_deref() }
}

impl App {
    /// What is asked of a device, for its session.
    ///
    /// # Errors
    /// When the device is gone or the store fails.
    pub async fn device_care(&self, device: &DeviceCaller) -> Answer<DeviceCare> {
        let row = self.stores.devices.device(&device.site_id, &device.id).await?.ok_or(AppError::NotFound)?;
        let speaks = device.kind == DeviceKind::Display && self.speaks(&row).await?;
        Ok(care_of(&row, speaks))
    }

    /// Whether a display is the one of its loudspeaker zone that speaks.
    async fn speaks(&self, row: &DeviceRow) -> Answer<bool> {
        let is_screen = |other: &&DeviceRow| other.kind == "display" && other.revoked_at.is_none();
        let rows = self.stores.devices.devices(&row.site_id).await?;
        let connected = rows.iter().filter(is_screen).filter(|other| self.is_online(other)).map(loudspeaker);
        Ok(is_screen(&row) && loudspeaker(row).speaks(connected))
    }

    /// Takes down what a display or kiosk tells of itself for the person in charge.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn error_told(&self, device: &DeviceCaller, error: Option<String>) -> Answer<()> {
        let Some(row) = self.stores.devices.device(&device.site_id, &device.id).await? else { return Ok(()) };
        let mut status = status_of(&row);
        status.error = error.map(|error| error.chars().take(ERROR_CHARS_MAX).collect());
        Ok(self.stores.devices.seen(&row.site_id, &row.id, self.now(), &serde_json::to_string(&status)?).await?)
    }

    /// Says how a display speaks.
    ///
    /// # Errors
    /// Field errors, an unknown or revoked device, one that is no display.
    pub async fn set_voice(&self, permit: &Permit, id: &DeviceId, request: &VoiceCare, retry: Option<&Retry>) -> Answer<Outcome> {
        let outcome = self
            .once(permit.site_id(), retry, || async {
                checked_voice(request)?;
                let (set, row) = self.device_change(permit, id).await?;
                not_revoked(&row)?;
                is_display(kind_of(&row)?)?;
                let kept = Kept { voice: request.clone(), ..kept_of(&row) };
                self.keeping(permit, set, row, &kept, ("voice_set", json!(request)))
            })
            .await?;
        self.presence.tell(News::Device { device_id: id.to_string() });
        Ok(outcome)
    }

    /// Says what a display shows.
    ///
    /// # Errors
    /// Field errors, an unknown or revoked device, one that is no display.
    pub async fn set_layout(&self, permit: &Permit, id: &DeviceId, request: &DisplayLayout, retry: Option<&Retry>) -> Answer<Outcome> {
        let outcome = self
            .once(permit.site_id(), retry, || async {
                let hall = self.hall(permit.site_id()).await?;
                let layout = checked_layout(request, |number| hall.windows().any(|window| window.number == number))?;
                let (set, row) = self.device_change(permit, id).await?;
                not_revoked(&row)?;
                is_display(kind_of(&row)?)?;
                let kept = Kept { layout: Some(layout.clone()), ..kept_of(&row) };
                self.keeping(permit, set, row, &kept, ("layout_set", json!(layout)))
            })
            .await?;
        self.presence.tell(News::Device { device_id: id.to_string() });
        Ok(outcome)
    }

    /// Asks something of a device; it does it at once, or when it is back.
    ///
    /// # Errors
    /// An unknown or revoked device; a picture of something else than a display.
    pub async fn care_for(&self, permit: &Permit, id: &DeviceId, wish: CareRequest, retry: Option<&Retry>) -> Answer<Outcome> {
        let outcome = self
            .once(permit.site_id(), retry, || async {
                let (set, row) = self.device_change(permit, id).await?;
                not_revoked(&row)?;
                let mut kept = kept_of(&row);
                let kind = match wish {
                    CareRequest::Reload if kind_of(&row)? == DeviceKind::Printer => {
                        return Err(AppError::refused("no_page", "打印机没有页面"));
                    }
                    CareRequest::Reload => {
                        kept.reload = kept.reload.wrapping_add(1);
                        "page_reload_asked"
                    }
                    CareRequest::Picture => {
                        is_display(kind_of(&row)?)?;
                        kept.picture = kept.picture.wrapping_add(1);
                        "picture_asked"
                    }
                };
                self.keeping(permit, set, row, &kept, (kind, json!({})))
            })
            .await?;
        self.presence.tell(News::Device { device_id: id.to_string() });
        Ok(outcome)
    }

    /// Notes how many rolls lie in the cupboard of a printer.
    ///
    /// # Errors
    /// Field errors, an unknown or revoked device, one that is no printer.
    pub async fn count_paper(&self, permit: &Permit, id: &DeviceId, request: &PaperStockRequest, retry: Option<&Retry>) -> Answer<Outcome> {
        self.once(permit.site_id(), retry, || async {
            if request.spare_rolls > SPARE_ROLLS_MAX {
                return Err(AppError::field("spare_rolls", "range", &format!("最多 {SPARE_ROLLS_MAX} 卷")));
            }
            let (set, row) = self.device_change(permit, id).await?;
            not_revoked(&row)?;
            if kind_of(&row)? != DeviceKind::Printer {
                return Err(AppError::refused("not_a_printer", "这台设备不是打印机"));
            }
            let at_change = status_of(&row).paper.map_or(0, |used| used.rolls_changed);
            let kept = Kept { spare: Some(Spare { rolls: request.spare_rolls, at_change }), ..kept_of(&row) };
            self.keeping(permit, set, row, &kept, ("paper_counted", json!({ "spare_rolls": request.spare_rolls })))
        })
        .await
    }

    /// The device with what is kept for it from now on, and the event that says so.
    fn keeping(
        &self,
        permit: &Permit,
        mut set: ChangeSet,
        mut row: DeviceRow,
        kept: &Kept,
        (kind, body): (&str, Value),
    ) -> Answer<(ChangeSet, Outcome)> {
        row.settings = Some(serde_json::to_string(kept)?);
        set.events.push(device_event(&row.id, kind, permit.caller().actor(), self.now(), body));
        let outcome = Outcome::success(200, Some(row.id.clone()), json!(self.device_view(&row)));
        set.row(row);
        Ok((set, outcome))
    }

    /// Takes down how much paper a printer used.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn paper_told(&self, device: &DeviceCaller, used: PaperUse) -> Answer<()> {
        let Some(row) = self.stores.devices.device(&device.site_id, &device.id).await? else { return Ok(()) };
        let mut status = status_of(&row);
        status.paper = Some(used);
        Ok(self.stores.devices.seen(&row.site_id, &row.id, self.now(), &serde_json::to_string(&status)?).await?)
    }

    /// Keeps the picture that a display sends of what it shows, in place of the one before.
    ///
    /// # Errors
    /// Anything but a JPEG; a device that is no display: a kiosk may show what somebody types.
    pub async fn keep_picture(&self, device: &DeviceCaller, jpeg: &[u8]) -> Answer<()> {
        is_display(device.kind)?;
        if !jpeg.starts_with(&JPEG) {
            return Err(AppError::field("", "not_jpeg", "图片要是 JPEG"));
        }
        let row = self.stores.devices.device(&device.site_id, &device.id).await?.ok_or(AppError::NotFound)?;
        let now: Millis = self.now();
        let mut set = ChangeSet::new(&device.site_id);
        set.row(DevicePictureRow { site_id: device.site_id.clone(), device_id: device.id.clone(), taken_at: now, content: jpeg.to_vec() });
        self.commit(set).await?;
        let mut status = status_of(&row);
        status.picture_at = Some(now);
        Ok(self.stores.devices.seen(&row.site_id, &row.id, now, &serde_json::to_string(&status)?).await?)
    }

    /// The newest picture of what a display shows, as JPEG.
    ///
    /// # Errors
    /// 409 `no_picture` when it has sent none yet.
    pub async fn device_picture(&self, permit: &Permit, id: &DeviceId) -> Answer<Vec<u8>> {
        let picture = self.stores.devices.device_picture(permit.site_id(), id.as_str()).await?;
        Ok(picture.ok_or_else(|| AppError::refused("no_picture", "这台屏还没有送过画面"))?.content)
    }
}

/// Refuses what no display can do; every wrong field at once.
fn checked_voice(voice: &VoiceCare) -> Answer<()> {
    let mut errors = FieldErrors::default();
    if !(1..=REPEATS_MAX).contains(&voice.repeats) {
        errors.add("repeats", "range", format!("每个号说 1 到 {REPEATS_MAX} 遍"));
    }
    if voice.volume.len() > VOLUME_STEPS_MAX {
        errors.add("volume", "count", format!("最多分 {VOLUME_STEPS_MAX} 段"));
    }
    let mut before = None;
    for (at, step) in voice.volume.iter().enumerate() {
        let from = NaiveTime::parse_from_str(&step.from, "%H:%M").ok().filter(|_| step.from.len() == 5);
        if from.is_none() {
            errors.add(&format!("volume.{at}.from"), "form", "时间写成 08:30 这样");
        } else if before.is_some_and(|before| from <= Some(before)) {
            errors.add(&format!("volume.{at}.from"), "order", "要比上一段晚");
        }
        before = from.or(before);
        if step.percent > 100 {
            errors.add(&format!("volume.{at}.percent"), "range", "音量是 0 到 100");
        }
    }
    errors.check()
}

/// A layout with its blocks in their order; every wrong field at once.
fn checked_layout(layout: &DisplayLayout, has_window: impl Fn(u16) -> bool) -> Answer<DisplayLayout> {
    let mut errors = FieldErrors::default();
    match (layout.view, layout.window) {
        (DisplayView::Window, None) => errors.add("window", "missing", "选哪个窗口的屏"),
        (DisplayView::Window, Some(number)) if !has_window(number) => errors.add("window", "unknown", "大厅没有这个窗口"),
        _ => {}
    }
    let mut blocks = layout.blocks.clone();
    blocks.sort_unstable();
    if blocks.windows(2).any(|pair| pair[0] == pair[1]) {
        errors.add("blocks", "twice", "同一块选了两次");
    }
    if layout.view == DisplayView::Hall && blocks.contains(&BoardBlock::Next) && !blocks.contains(&BoardBlock::Waiting) {
        errors.add("blocks", "next_without_waiting", "“接下来”写在各队等候里，要先选各队等候");
    }
    if !(1..=2).contains(&layout.columns) {
        errors.add("columns", "range", "排一列或两列");
    }
    if layout.view == DisplayView::Hall
        && layout.columns == 1
        && [BoardBlock::Waiting, BoardBlock::Windows].iter().all(|block| blocks.contains(block))
    {
        errors.add("columns", "room", "排一列时，各队等候和窗口只能选一样");
    }
    errors.check()?;
    Ok(DisplayLayout { blocks, window: layout.window.filter(|_| layout.view == DisplayView::Window), ..layout.clone() })
}

fn not_revoked(row: &DeviceRow) -> Answer<()> {
    if row.revoked_at.is_some() { Err(AppError::refused("device_revoked", "这台设备已停用")) } else { Ok(()) }
}

fn is_display(kind: DeviceKind) -> Answer<()> {
    if kind == DeviceKind::Display {
        Ok(())
    } else {
        Err(AppError::refused("not_a_display", "只有显示屏能看画面：别的设备上可能有群众正在填的东西"))
    }
}

#[cfg(test)]
mod tests {
    use protocol::device::VolumeStep;

    use super::*;

    #[test]
    fn paper_lasts_as_long_as_roll_and_cupboard_hold_it() {
        let used = PaperUse { today_mm: 2_400, mean_day_mm: Some(12_000), since_roll_mm: Some(20_000), rolls_changed: 3 };
        let view = PaperStockView::of(&used, 50, Some(2));
        assert_eq!((view.left_mm, view.left_days), (Some(30_000), Some(10)));
        assert_eq!(PaperStockView::of(&used, 50, None).left_days, Some(2), "rolls that nobody counted are none");
        assert_eq!(PaperStockView::of(&used, 0, Some(2)).left_days, None, "a roll of unknown length says nothing");
        assert_eq!(PaperStockView::of(&PaperUse { mean_day_mm: None, ..used }, 50, Some(2)).left_days, None);
        assert_eq!(PaperStockView::of(&used, 15, Some(0)).left_mm, Some(0), "longer than it said");
    }

    #[test]
    fn a_voice_is_refused_with_every_wrong_field() {
        let step = |from: &str, percent| VolumeStep { from: from.to_owned(), percent };
        let wrong = VoiceCare { repeats: 0, volume: vec![step("08:30", 101), step("8:40", 50), step("08:10", 50)] };
        let refused = format!("{:?}", checked_voice(&wrong));
        for field in ["repeats", "volume.0.percent", "volume.1.from", "volume.2.from"] {
            assert!(refused.contains(&format!("\"{field}\"")), "{field}: {refused}");
        }
        assert!(checked_voice(&VoiceCare { repeats: 3, volume: vec![step("08:30", 100), step("18:00", 0)] }).is_ok());
    }

    #[test]
    fn a_layout_is_refused_with_every_wrong_field() {
        let wrong = DisplayLayout {
            view: DisplayView::Window,
            window: Some(9),
            blocks: vec![BoardBlock::Next, BoardBlock::Next],
            columns: 3,
            ..DisplayLayout::default()
        };
        let refused = format!("{:?}", checked_layout(&wrong, |number| number == 1));
        for field in ["window", "blocks", "columns"] {
            assert!(refused.contains(&format!("\"{field}\"")), "{field}: {refused}");
        }
        let narrow = DisplayLayout { columns: 1, ..DisplayLayout::default() };
        assert!(format!("{:?}", checked_layout(&narrow, |_| true)).contains("room"));
        let alone = DisplayLayout { blocks: vec![BoardBlock::Next], ..DisplayLayout::default() };
        assert!(format!("{:?}", checked_layout(&alone, |_| true)).contains("next_without_waiting"));
        let shuffled = DisplayLayout {
            blocks: vec![BoardBlock::Windows, BoardBlock::Before],
            window: Some(9),
            columns: 1,
            ..DisplayLayout::default()
        };
        let good = checked_layout(&shuffled, |_| false);
        let is_in_order = |good: &DisplayLayout| good.blocks == [BoardBlock::Before, BoardBlock::Windows] && good.window.is_none();
        assert!(good.as_ref().is_ok_and(is_in_order), "{good:?}");
    }

    #[test]
    fn a_roll_that_the_printer_got_is_taken_out_of_the_cupboard() {
        let kept = Kept { spare: Some(Spare { rolls: 2, at_change: 3 }), ..Kept::default() };
        let after = |rolls_changed| kept.spare_rolls(&PaperUse { rolls_changed, ..PaperUse::default() });
        assert_eq!([after(3), after(4), after(9), after(0)], [Some(2), Some(1), Some(0), Some(2)]);
        assert_eq!(Kept::default().spare_rolls(&PaperUse::default()), None);
    }
}
