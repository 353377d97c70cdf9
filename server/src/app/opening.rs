//! Opening a centre: set up by copying one that works, with a checklist that looks for itself, and a face of its own
//! (name, logo, accent colour within the contrast rule).

use std::collections::BTreeSet;

use chrono::Datelike;
use data_encoding::BASE64;
use domain::codes::clean_line;
use domain::colour::{CONTRAST_MIN, Colour};
use domain::hall::{Configuration, WindowSetup};
use domain::ids::{LineId, SiteId, is_practice, is_site_key};
use domain::rights::{Operation, Role};
use domain::time::local_date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::App;
use super::caller::Permit;
use super::copying::{Copied, Matters, moved_configuration};
use super::directory::Listing;
use super::error::{Answer, AppError, FieldErrors};
use super::retry::{Outcome, Retry};
use super::sites::{SiteView, site_view};
use crate::demo::SiteKind;
use crate::store::{ChangeSet, CounterRow, Expect, MatterRow, NewEvent, SiteRow};

const NAME_CHARS_MAX: usize = 40;
const ADDRESS_CHARS_MAX: usize = 100;
const PHONE_CHARS_MAX: usize = 40;
/// Bytes of a logo: it lies in memory with the site.
const LOGO_BYTES_MAX: usize = 64 * 1024;
/// Sides of a logo in pixels.
const LOGO_SIDE_MAX: u32 = 1_024;
const MATTERS_MAX: usize = 5_000;
const KINDS: [SiteKind; 4] = [SiteKind::DistrictHall, SiteKind::Center, SiteKind::Station, SiteKind::PartnerPoint];

/// Body of `POST /sites/{site}/copy`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CopySiteRequest {
    /// The new site's id: lower-case letters, digits and `-`, at most 40.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its short key inside ids, 1 to 8 lower-case letters or digits; made from the id where it is left out.
    pub key: Option<String>,
    /// The site above; that of the copied one where it is left out.
    pub parent_id: Option<String>,
    /// Its kind; that of the copied one where it is left out.
    #[schema(value_type = Option<crate::app::words::SiteKind>)]
    pub kind: Option<String>,
    /// Where it is.
    #[serde(default)]
    pub address: String,
    /// Phone for questions.
    #[serde(default)]
    pub phone: String,
    /// Matters that come with it, of the copied site; all where it is left out. For partner points with a reduced list.
    pub matter_ids: Option<Vec<String>>,
}

/// What a copy made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CopiedSiteView {
    /// The new site.
    #[serde(flatten)]
    pub site: SiteView,
    /// Lines.
    pub lines: usize,
    /// Windows.
    pub windows: usize,
    /// Matters.
    pub matters: usize,
    /// Bundles.
    pub bundles: usize,
}

/// Body of `PUT /sites/{site}/profile`: the whole face but the logo.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileRequest {
    /// Its name.
    pub name: String,
    /// Where it is.
    #[serde(default)]
    pub address: String,
    /// Phone for questions.
    #[serde(default)]
    pub phone: String,
    /// Accent colour `#0b5560`; the house's own where it is left out. At least 4.5 : 1 on white and paper.
    pub accent: Option<String>,
}

/// A point of the checklist of a new centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OpeningItemView {
    /// `lines`, `windows`, `matters`, `staff`, `supervisor`, `devices`, `calendar`, `hours`, `profile`, `test_print`.
    pub key: String,
    /// What is looked for.
    pub title: String,
    /// Whether it is there.
    pub done: bool,
    /// What was found, or what is missing.
    pub text: String,
    /// The page on which it is done.
    pub page: String,
}

/// The checklist of a new centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OpeningView {
    /// The site.
    pub site_id: String,
    /// Its name.
    pub name: String,
    /// Whether everything is there.
    pub ready: bool,
    /// The points, in the order in which they are best done.
    pub items: Vec<OpeningItemView>,
}

fn item(key: &str, title: &str, page: &str, done: bool, text: impl Into<String>) -> OpeningItemView {
    OpeningItemView { key: key.to_owned(), title: title.to_owned(), page: page.to_owned(), done, text: text.into() }
}

/// A text that may be left out.
fn optional_line(text: &str, chars_max: usize, field: &str, errors: &mut FieldErrors) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    clean_line(text, chars_max).map_err(|fault| errors.add(field, fault.code(), fault.message())).unwrap_or_default()
}

/// A name, wanted.
fn name_of(text: &str, errors: &mut FieldErrors) -> String {
    clean_line(text, NAME_CHARS_MAX).map_err(|fault| errors.add("name", fault.code(), fault.message())).unwrap_or_default()
}

/// Only what takes the matters that come with a reduced list.
fn reduced(mut configuration: Configuration, matters: &[MatterRow]) -> Configuration {
    let wanted: BTreeSet<LineId> = matters.iter().filter_map(|row| row.line_id.as_deref().and_then(LineId::parse)).collect();
    let named = |lines: &[LineId]| lines.iter().filter(|line| wanted.contains(line)).cloned().collect::<Vec<_>>();
    for WindowSetup { line_ids, preferred_line_ids, .. } in &mut configuration.windows {
        *line_ids = named(line_ids);
        *preferred_line_ids = named(preferred_line_ids);
    }
    configuration.windows.retain(|window| !window.line_ids.is_empty());
    configuration.lines.retain(|line| wanted.contains(&line.id));
    // What the rules say of lines and matters that do not come with it.
    let policy = &mut configuration.policy;
    policy.appointments.lines.retain(|line| wanted.contains(&line.line_id));
    policy.taking.sections.retain(|section| wanted.contains(&section.line_id));
    policy.quick_matter_ids.retain(|matter| matters.iter().any(|row| row.id == matter.as_str()));
    configuration
}

impl App {
    /// Opens a site by copying another one.
    ///
    /// # Errors
    /// Field errors; 409 when the rules that are left after a reduced list contradict themselves.
    pub async fn copy_of_site(&self, permit: &Permit, wanted: &CopySiteRequest, retry: Option<&Retry>) -> Answer<Outcome> {
        if let Some(replayed) = self.replayed(retry).await? {
            return self.copy_told(replayed);
        }
        let turn = self.openings.of("");
        let _turn = turn.lock().await;
        let listing = self.directory.get();
        let source = listing.site(permit.site_id())?;
        let (copy, matters, rows) = self.checked_copy(permit, source, wanted).await?;
        let mut configuration = self.hall(&source.id).await?.configuration();
        if let Matters::Only(_) = &matters {
            configuration = reduced(configuration, &rows);
        }
        let configuration = moved_configuration(&configuration, &source.key, &copy.key)?;
        if let Some(fault) = configuration.faults().into_iter().next() {
            let message = format!("照搬过来的设置对不上：{}。先在原来的大厅改好，或者多选几个事项", fault.text);
            return Err(AppError::refused("copy_unsound", message));
        }
        let (id, actor) = (copy.id.clone(), permit.caller().actor());
        let event = self.site_event(actor, &id, "site_opened", &json!({ "copied_from": source.id }));
        let Copied { lines, windows, matters, bundles } = self.copy_site(source, copy, &matters, configuration, event).await?;
        let told = json!({ "lines": lines, "windows": windows, "matters": matters, "bundles": bundles });
        let outcome = Outcome::success(201, Some(id.clone()), told);
        let mut set = ChangeSet::new(permit.site_id());
        set.events.push(self.site_event(actor, permit.site_id(), "site_copied", &json!({ "copy": id })));
        if let Some(retry) = retry {
            set.row(retry.row(permit.site_id(), &outcome, self.now()));
        }
        self.commit(set).await?;
        self.copy_told(outcome)
    }

    fn copy_told(&self, mut outcome: Outcome) -> Answer<Outcome> {
        if let Some(id) = outcome.object_id.as_deref().filter(|_| outcome.status == 201) {
            let mut body = serde_json::to_value(site_view(self.directory.get().site(id)?))?;
            if let (Some(body), Some(counts)) = (body.as_object_mut(), outcome.body.as_object()) {
                body.extend(counts.clone());
            }
            outcome.body = body;
        }
        Ok(outcome)
    }

    async fn checked_copy(
        &self,
        permit: &Permit,
        source: &SiteRow,
        wanted: &CopySiteRequest,
    ) -> Answer<(SiteRow, Matters, Vec<MatterRow>)> {
        let (listing, mut errors) = (self.directory.get(), FieldErrors::default());
        let id = SiteId::parse(&wanted.id).filter(|id| !is_practice(id.as_str()));
        let id = errors.some(id, "id", "form", "编号用小写字母、数字和横线，最多 40 位，不能用 practice- 开头");
        if id.as_ref().is_some_and(|id| listing.site(id.as_str()).is_ok()) {
            errors.add("id", "taken", "已经有这个编号的场所");
        }
        let key = copy_key(wanted, id.as_ref(), &listing, &mut errors);
        let name = name_of(&wanted.name, &mut errors);
        if listing.sites.values().any(|site| site.name == name) {
            errors.add("name", "taken", "已经有叫这个名字的场所");
        }
        let kind = match &wanted.kind {
            Some(word) => {
                errors.some(KINDS.into_iter().find(|kind| kind.name() == word), "kind", "unknown", "没有这种场所").map(SiteKind::name)
            }
            None => Some(source.kind.as_str()),
        };
        let parent = match &wanted.parent_id {
            Some(parent) => {
                let may = permit.caller().permit(Operation::OpenSite, parent).is_ok() && listing.sites.contains_key(parent);
                errors.some(may.then(|| parent.clone()), "parent_id", "unknown", "上级要是您管得到的场所")
            }
            // The top of a district is copied below itself: a district has one top.
            None => source.parent_id.clone().or_else(|| Some(source.id.clone())),
        };
        let address = optional_line(&wanted.address, ADDRESS_CHARS_MAX, "address", &mut errors);
        let phone = optional_line(&wanted.phone, PHONE_CHARS_MAX, "phone", &mut errors);
        let (matters, rows) = self.copy_matters(source, wanted, &mut errors).await?;
        errors.check()?;
        let (Some(id), Some(key), Some(kind)) = (id, key, kind) else {
            return Err(AppError::refused("no_key", "起不出短名，请写一个"));
        };
        let mut doc: Value = serde_json::from_str(&source.doc)?;
        if let Some(doc) = doc.as_object_mut() {
            // A face is a site's own.
            doc.remove("accent");
            doc.remove("logo");
        }
        let site =
            SiteRow { id: id.to_string(), key, parent_id: parent, kind: kind.to_owned(), name, address, phone, doc: doc.to_string() };
        Ok((site, matters, rows))
    }

    /// The matters that come with a copy.
    async fn copy_matters(
        &self,
        source: &SiteRow,
        wanted: &CopySiteRequest,
        errors: &mut FieldErrors,
    ) -> Answer<(Matters, Vec<MatterRow>)> {
        let rows: Vec<MatterRow> =
            self.stores.catalogue.matters(&source.id).await?.into_iter().filter(|row| row.state == "published").collect();
        Ok(match &wanted.matter_ids {
            None => (Matters::All, rows),
            Some(ids) => {
                if ids.is_empty() || ids.len() > MATTERS_MAX {
                    errors.add("matter_ids", "count", "至少选一个事项");
                }
                for (place, id) in ids.iter().enumerate().take(MATTERS_MAX) {
                    let known = rows.iter().any(|row| row.id == *id).then_some(());
                    errors.some(known, &format!("matter_ids[{place}]"), "unknown", "原来的大厅没有这个事项");
                }
                let chosen: BTreeSet<String> = ids.iter().cloned().collect();
                let rows = rows.into_iter().filter(|row| chosen.contains(&row.id)).collect();
                (Matters::Only(chosen), rows)
            }
        })
    }

    /// Changes name, place, phone and accent colour of a site.
    ///
    /// # Errors
    /// Field errors, a colour that is too light among them.
    pub async fn change_profile(&self, permit: &Permit, wanted: &ProfileRequest, retry: Option<&Retry>) -> Answer<Outcome> {
        let mut errors = FieldErrors::default();
        let name = name_of(&wanted.name, &mut errors);
        if self.directory.get().sites.values().any(|site| site.name == name && site.id != permit.site_id()) {
            errors.add("name", "taken", "已经有叫这个名字的场所");
        }
        let address = optional_line(&wanted.address, ADDRESS_CHARS_MAX, "address", &mut errors);
        let phone = optional_line(&wanted.phone, PHONE_CHARS_MAX, "phone", &mut errors);
        let accent =
            wanted.accent.as_deref().and_then(|text| errors.some(Colour::parse(text), "accent", "form", "颜色写成 #0b5560 的样子"));
        if let Some(contrast) = accent.map(Colour::as_accent).filter(|contrast| *contrast < CONTRAST_MIN) {
            let message = format!("颜色太浅，字看不清：和底色的对比只有 {contrast:.1}，要 {CONTRAST_MIN} 以上，选深一点的");
            errors.add("accent", "contrast", message);
        }
        errors.check()?;
        let change = |site: &mut SiteRow, doc: &mut serde_json::Map<String, Value>| {
            (site.name, site.address, site.phone) = (name.clone(), address.clone(), phone.clone());
            match accent {
                Some(accent) => doc.insert("accent".to_owned(), json!(accent.text())),
                None => doc.remove("accent"),
            };
        };
        self.change_site(permit, "site_profile_changed", change, retry).await
    }

    /// Gives a site a logo, or takes it away.
    ///
    /// # Errors
    /// 422 for what is no small PNG picture.
    pub async fn change_logo(&self, permit: &Permit, png: Option<&[u8]>, retry: Option<&Retry>) -> Answer<Outcome> {
        if let Some(png) = png {
            sound_logo(png)?;
        }
        let change = |_: &mut SiteRow, doc: &mut serde_json::Map<String, Value>| {
            match png {
                Some(png) => doc.insert("logo".to_owned(), json!(BASE64.encode(png))),
                None => doc.remove("logo"),
            };
        };
        self.change_site(permit, "site_logo_changed", change, retry).await
    }

    async fn change_site(
        &self,
        permit: &Permit,
        kind: &str,
        change: impl Fn(&mut SiteRow, &mut serde_json::Map<String, Value>) + Send + Sync,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        const COUNTER: &str = "site-profile";
        let (site_id, change) = (permit.site_id(), &change);
        let outcome = self
            .once(site_id, retry, || async move {
                let version = self.stores.sites.counter(site_id, COUNTER).await?;
                // As the store has it: another process may have changed it meanwhile.
                self.directory.reload(&self.stores).await?;
                let mut site = self.directory.get().site(site_id)?.clone();
                let mut doc: serde_json::Map<String, Value> = serde_json::from_str(&site.doc)?;
                change(&mut site, &mut doc);
                site.doc = serde_json::to_string(&doc)?;
                let mut set = ChangeSet::new(site_id);
                set.expect.push(Expect::Counter(COUNTER.to_owned(), version));
                set.row(CounterRow { site_id: site_id.to_owned(), name: COUNTER.to_owned(), value: version + 1 });
                set.events.push(self.site_event(
                    permit.caller().actor(),
                    site_id,
                    kind,
                    &json!({ "name": site.name, "accent": doc.get("accent") }),
                ));
                set.row(site);
                Ok((set, Outcome::success(200, Some(site_id.to_owned()), Value::Null)))
            })
            .await?;
        if outcome.status != 200 {
            return Ok(outcome);
        }
        self.directory.reload(&self.stores).await?;
        let body = serde_json::to_value(site_view(self.directory.get().site(site_id)?))?;
        Ok(Outcome { body, ..outcome })
    }

    /// The logo of a site, a PNG picture.
    ///
    /// # Errors
    /// 404 when there is none.
    pub fn logo(&self, site_id: &str) -> Answer<Vec<u8>> {
        let listing = self.directory.get();
        let doc: Value = serde_json::from_str(&listing.site(site_id)?.doc)?;
        let logo = doc.get("logo").and_then(Value::as_str).ok_or(AppError::NotFound)?;
        BASE64.decode(logo.as_bytes()).map_err(|error| AppError::Internal(format!("the logo of {site_id}: {error}")))
    }

    fn site_event(&self, actor: &str, site_id: &str, kind: &str, facts: &Value) -> NewEvent {
        let mut body = json!({ "type": kind });
        if let (Some(body), Some(facts)) = (body.as_object_mut(), facts.as_object()) {
            body.extend(facts.clone());
        }
        NewEvent {
            aggregate: "site",
            aggregate_id: site_id.to_owned(),
            kind: kind.to_owned(),
            actor: actor.to_owned(),
            at: self.now(),
            body: body.to_string(),
        }
    }

    /// What a centre needs before its first day, looked for now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn opening(&self, permit: &Permit) -> Answer<OpeningView> {
        let (site_id, listing) = (permit.site_id(), self.directory.get());
        let site = listing.site(site_id)?;
        let configuration = self.hall(site_id).await?.configuration();
        let served = |line: &LineId| configuration.windows.iter().any(|window| window.line_ids.contains(line));
        let alone: Vec<&str> = configuration.lines.iter().filter(|line| !served(&line.id)).map(|line| line.name.as_str()).collect();
        let (lines, windows) = (configuration.lines.len(), configuration.windows.len());
        let mut items = vec![
            item("lines", "队", "/admin?tab=rooms", lines > 0, if lines > 0 { format!("{lines} 条队") } else { "还没有队".to_owned() }),
            match (windows, alone.as_slice()) {
                (0, _) => item("windows", "窗口", "/admin?tab=rooms", false, "还没有窗口"),
                (_, []) => item("windows", "窗口", "/admin?tab=rooms", true, format!("{windows} 个窗口，每条队都有窗口办")),
                (_, alone) => item("windows", "窗口", "/admin?tab=rooms", false, format!("没有窗口办的队：{}", alone.join("、"))),
            },
        ];
        items.push(self.matters_item(site_id).await?);
        items.extend(self.staff_items(site_id).await?);
        items.push(self.devices_item(site_id).await?);
        let today = local_date(self.now());
        let loaded = listing.calendar.years().any(|(year, _)| year == today.year());
        let text = match listing.calendar.year_wanted(today).filter(|wanted| *wanted != today.year()) {
            _ if !loaded => format!("还没有 {} 年的节假日安排", today.year()),
            // The notice of the State Council comes when it comes; nobody waits for it to open.
            Some(next) => format!("{} 年的节假日安排录好了；{next} 年的等通知出来再录", today.year()),
            None => format!("{} 年的节假日安排录好了", today.year()),
        };
        items.push(item("calendar", "日历", "/admin?tab=calendar", loaded, text));
        let has_face = !site.address.is_empty() && !site.phone.is_empty();
        let text =
            if has_face { format!("{}，{}", site.address, site.phone) } else { "地址、电话还没写全，群众要看".to_owned() };
        items.push(item("profile", "名称、地址、电话", "/admin?tab=opening", has_face, text));
        let printed = self.stores.outbox.outbox_of(site_id, "print", 500).await?.iter().any(|row| row.state == "done");
        let text = if printed { "打印机出过纸" } else { "配对打印机以后，在运维页打一张测试，或者取一个号" };
        items.push(item("test_print", "试打一张", "/it", printed, text));
        Ok(OpeningView { site_id: site_id.to_owned(), name: site.name.clone(), ready: items.iter().all(|item| item.done), items })
    }

    async fn matters_item(&self, site_id: &str) -> Answer<OpeningItemView> {
        let rows = self.stores.catalogue.matters(site_id).await?;
        let published: Vec<&MatterRow> = rows.iter().filter(|row| row.state == "published").collect();
        let homeless = published.iter().filter(|row| row.line_id.is_none()).count();
        let text = match (published.len(), homeless) {
            (0, _) => "还没有事项，导入目录".to_owned(),
            (count, 0) => format!("{count} 个事项，都有队可取号"),
            (count, homeless) => format!("{count} 个事项，其中 {homeless} 个没有队，取不了号"),
        };
        Ok(item("matters", "事项", "/admin?tab=catalogue", !published.is_empty() && homeless == 0, text))
    }

    async fn staff_items(&self, site_id: &str) -> Answer<[OpeningItemView; 2]> {
        let (mut clerks, mut supervisors) = (0, 0);
        for row in self.stores.staff.all_staff().await?.iter().filter(|row| row.site_id == site_id && row.active) {
            let roles: Vec<Role> = serde_json::from_str(&row.roles)?;
            clerks += usize::from(roles.contains(&Role::Clerk));
            supervisors += usize::from(roles.contains(&Role::Supervisor));
        }
        let told = |count: usize, who: &str| if count > 0 { format!("{count} 个{who}") } else { format!("还没有{who}") };
        Ok([
            item("staff", "窗口人员", "/admin?tab=staff", clerks > 0, told(clerks, "窗口人员")),
            item("supervisor", "大厅主管", "/admin?tab=staff", supervisors > 0, told(supervisors, "大厅主管")),
        ])
    }

    async fn devices_item(&self, site_id: &str) -> Answer<OpeningItemView> {
        let rows = self.stores.devices.devices(site_id).await?;
        let has = |kind: &str| rows.iter().any(|row| row.kind == kind && row.revoked_at.is_none());
        let words = [("kiosk", "取号机"), ("display", "大屏"), ("printer", "打印机")];
        let missing: Vec<&str> = words.iter().filter(|(kind, _)| !has(kind)).map(|(_, word)| *word).collect();
        let text = if missing.is_empty() {
            "取号机、大屏、打印机都配对了".to_owned()
        } else {
            format!("还没配对：{}", missing.join("、"))
        };
        Ok(item("devices", "设备", "/it", missing.is_empty(), text))
    }
}

/// The short key of a copy: as it is wanted, or made from the id.
fn copy_key(wanted: &CopySiteRequest, id: Option<&SiteId>, listing: &Listing, errors: &mut FieldErrors) -> Option<String> {
    match &wanted.key {
        Some(key) if !is_site_key(key) => {
            errors.add("key", "form", "短名 1 到 8 位小写字母或数字");
            None
        }
        Some(key) if listing.keys.contains_key(key) => {
            errors.add("key", "taken", "已经有场所用这个短名");
            None
        }
        Some(key) => Some(key.clone()),
        None => id.and_then(|id| free_key(id.as_str(), |key| listing.keys.contains_key(key))),
    }
}

/// A short key made from an id that nobody has: its letters, else a serial behind the first of them.
fn free_key(id: &str, taken: impl Fn(&str) -> bool) -> Option<String> {
    id.chars().find(char::is_ascii_alphanumeric)?;
    let letters: String = id.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    let initials: String = id.split('-').filter_map(|part| part.chars().next()).take(6).collect();
    let serials = (2..1_000).map(|serial| format!("{}{serial}", initials.chars().take(4).collect::<String>()));
    [initials.clone(), letters].into_iter().chain(serials).find(|key| is_site_key(key) && !taken(key))
}

/// Whether bytes are a small PNG picture that can be unpacked.
fn sound_logo(bytes: &[u8]) -> Answer<()> {
    if bytes.len() > LOGO_BYTES_MAX {
        return Err(AppError::field("", "too_large", "图标太大，最多 64 KB"));
    }
    let mut reader = image::ImageReader::with_format(std::io::Cursor::new(bytes), image::ImageFormat::Png);
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(LOGO_SIDE_MAX);
    limits.max_image_height = Some(LOGO_SIDE_MAX);
    reader.limits(limits);
    reader.decode().map(drop).map_err(|_| AppError::field("", "unreadable", "图标要是 PNG 图片，边长最多 1024 像素"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_from_the_id_and_never_one_that_is_taken() {
        assert_eq!(free_key("hua-lin-center", |_| false).as_deref(), Some("hlc"));
        assert_eq!(free_key("hua-lin-center", |key| key == "hlc").as_deref(), Some("hualince"));
        assert_eq!(free_key("hua-lin-center", |key| key == "hlc" || key == "hualince").as_deref(), Some("hlc2"));
        assert_eq!(free_key("---", |_| false), None);
    }

    #[test]
    fn only_a_picture_is_a_logo() {
        assert!(sound_logo(b"<svg/>").is_err() && sound_logo(&[0; LOGO_BYTES_MAX + 1]).is_err());
        let mut png = std::io::Cursor::new(Vec::new());
        assert!(image::DynamicImage::new_rgb8(4, 4).write_to(&mut png, image::ImageFormat::Png).is_ok());
        assert!(sound_logo(png.get_ref()).is_ok());
    }
}
