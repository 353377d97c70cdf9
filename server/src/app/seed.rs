//! Writes the sample district into an empty store.

use domain::calendar::Calendar;
use domain::catalogue::MatterState;
use domain::hall::{Actor, Command, Configuration};
use domain::ids::DeviceId;
use serde_json::json;

use super::App;
use super::bundles::KeptBundle;
use super::error::{Answer, AppError};
use super::hall::{Beside, Wish};
use super::sessions::{StaffDoc, hash_sample_password};
use crate::demo::{District, SampleSite, SampleStaff};
use crate::store::{CalendarRow, ChangeSet, DepartmentRow, DeviceRow, MatterRow, MatterVersionRow, SiteRow, StaffRow};
use crate::vault::sha256;

/// Site of the demo's devices.
const DEVICE_SITE: &str = "demo-center";
/// Kinds and names of the demo's devices; the token of each is `demo-` and its kind.
const DEVICES: &[(&str, &str)] = &[("kiosk", "演示取号机"), ("display", "演示显示屏"), ("printer", "演示打印机"), ("pad", "演示评价器")];

impl App {
    /// Writes the sample district, its calendar, accounts and devices, and opens its halls.
    ///
    /// # Errors
    /// When the store fails or holds a site already.
    pub async fn seed(&self, district: &District) -> Answer<()> {
        if !self.directory.get().sites.is_empty() {
            return Err(AppError::refused("not_empty", "数据里已经有站点"));
        }
        for site in &district.sites {
            self.commit(site_set(site)?).await?;
        }
        let home = district.sites.first().ok_or(AppError::NotFound)?.id.to_string();
        let mut set = ChangeSet::new(&home);
        for department in &district.departments {
            set.row(DepartmentRow {
                site_id: home.clone(),
                id: department.id.to_string(),
                code: department.code.clone(),
                name: department.name.clone(),
            });
        }
        for (year, days) in Calendar::state_council().years() {
            set.row(CalendarRow { year: i64::from(year), doc: serde_json::to_string(days)? });
        }
        for staff in &district.staff {
            set.row(staff_row(staff)?);
        }
        self.commit(set).await?;
        self.directory.reload(&self.stores).await?;
        for site in &district.sites {
            self.configure(site.id.as_str(), site.hall.clone()).await?;
        }
        self.seed_plan(&home, &district.plan).await?;
        self.seed_devices(district).await
    }

    async fn configure(&self, site_id: &str, configuration: Configuration) -> Answer<()> {
        let wish = Wish {
            site_id: site_id.to_owned(),
            actor: Actor::machine(),
            actor_id: "system".to_owned(),
            command: Command::Configure { configuration },
            retry: None,
            rows: Vec::new(),
            beside: Beside::default(),
        };
        let outcome = self.halls.submit(wish).await?;
        if outcome.status < 300 { Ok(()) } else { Err(AppError::Internal(format!("{site_id}: {}", outcome.body))) }
    }

    async fn seed_devices(&self, district: &District) -> Answer<()> {
        let Some(site) = district.sites.iter().find(|site| site.id.as_str() == DEVICE_SITE) else { return Ok(()) };
        let mut set = ChangeSet::new(DEVICE_SITE);
        let pad_window = site.hall.windows.iter().min_by_key(|window| window.number).map(|window| window.id.to_string());
        for (kind, name) in DEVICES {
            set.row(DeviceRow {
                site_id: DEVICE_SITE.to_owned(),
                id: DeviceId::new(&site.key, &format!("demo-{kind}")).to_string(),
                kind: (*kind).to_owned(),
                name: (*name).to_owned(),
                token_hash: sha256(format!("demo-{kind}").as_bytes()),
                window_id: if *kind == "pad" { pad_window.clone() } else { None },
                zone: None,
                profile: None,
                revoked_at: None,
                seen_at: None,
                status: "{}".to_owned(),
                settings: None,
            });
        }
        self.commit(set).await.map(drop).map_err(AppError::from)
    }
}

fn site_set(site: &SampleSite) -> Answer<ChangeSet> {
    let site_id = site.id.to_string();
    let mut set = ChangeSet::new(&site_id);
    set.row(SiteRow {
        id: site_id.clone(),
        key: site.key.clone(),
        parent_id: site.parent.as_ref().map(ToString::to_string),
        kind: site.kind.name().to_owned(),
        name: site.name.clone(),
        address: site.address.clone(),
        phone: site.phone.clone(),
        doc: json!({ "area_code": site.area_code, "sample": true }).to_string(),
    });
    for sample in &site.matters {
        let matter = &sample.matter;
        let doc = serde_json::to_string(matter)?;
        set.row(MatterRow {
            site_id: site_id.clone(),
            id: matter.id.to_string(),
            code: matter.code.clone(),
            version: i64::from(matter.version),
            state: if matter.state == MatterState::Published { "published" } else { "retired" }.to_owned(),
            name: matter.name.clone(),
            department_id: matter.department_id.to_string(),
            line_id: Some(sample.line_id.to_string()),
            search: matter.search_keys().encode(),
            doc: doc.clone(),
        });
        set.row(MatterVersionRow { site_id: site_id.clone(), id: matter.id.to_string(), version: i64::from(matter.version), at: 0, doc });
    }
    for sample in &site.bundles {
        set.row(KeptBundle::first_row(&site_id, &sample.bundle, Some(sample.line_id.clone()))?);
    }
    Ok(set)
}

fn staff_row(staff: &SampleStaff) -> Answer<StaffRow> {
    Ok(StaffRow {
        site_id: staff.site_id.to_string(),
        id: staff.id.to_string(),
        username: staff.username.clone(),
        name: staff.name.clone(),
        roles: serde_json::to_string(&staff.roles)?,
        department_id: staff.department_id.as_ref().map(ToString::to_string),
        password_hash: hash_sample_password(&staff.password())?,
        active: true,
        failures: 0,
        locked_until: 0,
        doc: serde_json::to_string(&StaffDoc {
            decides_instant: staff.decides_instant,
            bases: staff.bases.clone(),
            engagement: Some(staff.engagement.clone()).filter(|of| *of != domain::people::Engagement::default()),
            ..StaffDoc::default()
        })?,
    })
}
