//! From the sample files to sites, matters and staff with their ids. Knows no store.

use std::collections::BTreeMap;

use domain::case::{ApprovalStage, ApprovalStep, Basis, CaseKind, Signer, StepId};
use domain::catalogue::{
    Bundle, Department, Details, ExerciseLevel, HandlingForm, Material, Matter, MatterState, MatterType, PowerSource, SharedMaterial,
    Situation, SituationQuestion, SpecialProcedure,
};
use domain::hall::{
    AppointmentMessages, AppointmentPolicy, BookableLine, Configuration, LineSetup, NoticePolicy, OpeningHours, Policy, Purpose, Reporting,
    SlotSpan, Span, UpstreamPolicy, WindowSetup,
};
use domain::ids::{BundleId, DepartmentId, LineId, MaterialId, MatterId, SiteId, SituationId, StaffId, WindowId};
use domain::people::{Engagement, Source};
use domain::rights::Role;

use super::data::{District, SampleBundle, SampleMatter, SampleSite, SampleStaff, SiteKind};
use super::source::{
    BundleText, CatalogueFile, HoursSource, MaterialText, MatterText, QuestionText, SampleFault, SiteSource, StaffSource, catalogue_file,
    district_file, unknown,
};

/// Departments belong to the district, whose site has this key.
const DISTRICT_KEY: &str = "dd";
/// Office hours: 8:30–12:00, 14:00–17:30.
const MORNING: Span = Span { from_minute: 8 * 60 + 30, to_minute: 12 * 60 };
const AFTERNOON: Span = Span { from_minute: 14 * 60, to_minute: 17 * 60 + 30 };
const LOCAL: &str = "local";
const FOOTNOTE: &str = "（样例数据，办理请以当地公布的指南为准。）";

/// The sample district.
///
/// # Errors
/// [`SampleFault`] when a sample file is broken; a test reads them, so never in a released build.
pub fn district() -> Result<District, SampleFault> {
    let file = district_file()?;
    let catalogue = catalogue_file()?;
    let departments: Vec<Department> = file
        .department
        .iter()
        .map(|department| Department {
            id: DepartmentId::new(DISTRICT_KEY, &department.key),
            code: department.code.clone(),
            name: department.name.clone(),
        })
        .collect();
    let known = |key: &str| -> Result<DepartmentId, SampleFault> {
        let id = DepartmentId::new(DISTRICT_KEY, key);
        departments.iter().any(|department| department.id == id).then_some(id).ok_or_else(|| unknown("department", key))
    };
    let sites = file.site.iter().map(|source| site(source, &catalogue, &known)).collect::<Result<Vec<_>, _>>()?;
    let keys: BTreeMap<&str, &str> = file.site.iter().map(|site| (site.id.as_str(), site.key.as_str())).collect();
    let staff = file.staff.iter().map(|source| staff(source, &keys, &known)).collect::<Result<Vec<_>, _>>()?;
    let sites = sites.into_iter().map(|site| with_signers(site, &staff)).collect();
    let areas = file.site.iter().map(|site| (site.id.as_str(), site.area_code.as_str())).collect();
    Ok(District { notice: file.notice, departments, sites, staff, plan: super::plan::plan(&areas)? })
}

/// A site whose leader has no account decides in one step: a step that nobody signs would never be over.
fn with_signers(mut site: SampleSite, staff: &[SampleStaff]) -> SampleSite {
    let is_led = |department: &DepartmentId| {
        let leads = |one: &&SampleStaff| one.roles.contains(&Role::Leader) && one.bases.iter().any(|basis| basis.department == *department);
        staff.iter().any(|one| leads(&one))
    };
    for sample in &mut site.matters {
        let mut steps = sample.matter.approval.iter().flat_map(|stage| &stage.steps);
        let needs_leader = steps.any(|step| step.signer == Signer::Leader);
        if needs_leader && !is_led(&sample.matter.department_id) {
            sample.matter.approval.clear();
        }
    }
    site
}

fn site_id(text: &str) -> Result<SiteId, SampleFault> {
    SiteId::parse(text).ok_or_else(|| unknown("site", text))
}

type KnownDepartment<'a> = dyn Fn(&str) -> Result<DepartmentId, SampleFault> + 'a;

fn site(source: &SiteSource, catalogue: &CatalogueFile, known: &KnownDepartment<'_>) -> Result<SampleSite, SampleFault> {
    let makers = Makers { site: source, catalogue, known };
    let matters: Vec<SampleMatter> = catalogue
        .matter
        .iter()
        .filter(|matter| is_handled(matter, source.kind))
        .map(|matter| makers.matter(matter))
        .collect::<Result<_, _>>()?;
    let here = |key: &String| matters.iter().any(|sample| sample.matter.id == MatterId::new(&source.key, key));
    let bundles: Vec<SampleBundle> = catalogue
        .bundle
        .iter()
        .filter(|bundle| bundle.matters.iter().all(here))
        .map(|bundle| makers.bundle(bundle, &matters))
        .collect::<Result<_, _>>()?;
    let line_id = |key: &str| LineId::new(&source.key, key);
    let about = source.lines.iter().filter(|line| !line.about.is_empty());
    Ok(SampleSite {
        id: site_id(&source.id)?,
        key: source.key.clone(),
        kind: source.kind,
        parent: source.parent.as_deref().map(site_id).transpose()?,
        name: source.name.clone(),
        address: source.address.clone(),
        phone: source.phone.clone(),
        area_code: source.area_code.clone(),
        hall: hall(source),
        line_texts: about.map(|line| (line_id(&line.key), line.about.clone())).collect(),
        matters,
        bundles,
    })
}

fn is_handled(matter: &MatterText, kind: SiteKind) -> bool {
    match kind {
        SiteKind::Center => true,
        SiteKind::Station => matter.stations,
        SiteKind::PartnerPoint => matter.partner,
        SiteKind::DistrictHall => matter.district,
    }
}

fn hall(source: &SiteSource) -> Configuration {
    let lines = source.lines.iter().map(|line| LineSetup {
        id: LineId::new(&source.key, &line.key),
        name: line.name.clone(),
        prefix: line.prefix.clone(),
        daily_contingent: None,
    });
    let windows = source.windows.iter().map(|window| WindowSetup {
        id: WindowId::new(&source.key, &window.number.to_string()),
        number: window.number,
        purpose: window.purpose,
        line_ids: window.lines.iter().map(|line| LineId::new(&source.key, line)).collect(),
        preferred_line_ids: Vec::new(),
    });
    // The sites below do as the district does; what it tells goes to a simulator.
    let reporting = if source.kind == SiteKind::DistrictHall { Reporting::On } else { Reporting::Inherit };
    let upstream = UpstreamPolicy { reporting, data_source: "demo".to_owned(), ..UpstreamPolicy::default() };
    // Nobody sleeps beside the simulator that takes the messages, and whoever tries the demo at night wants to see them.
    let notices = NoticePolicy { quiet_from_hour: 0, quiet_to_hour: 0, ..NoticePolicy::default() };
    let policy = Policy {
        appointments: Box::new(appointments(source)),
        upstream: Box::new(upstream),
        notices: Box::new(notices),
        ..Policy::default()
    };
    Configuration { lines: lines.collect(), windows: windows.collect(), hours: hours(source.hours), policy }
}

/// What can be booked: office hours in half hours, and the morning of Saturday where the hall is open then.
fn appointments(source: &SiteSource) -> AppointmentPolicy {
    let span = |Span { from_minute, to_minute }: Span| SlotSpan { from_minute, to_minute, capacity: None };
    let day = || vec![span(MORNING), span(AFTERNOON)];
    let saturday = match source.hours {
        HoursSource::Always => vec![span(MORNING)],
        HoursSource::Office => Vec::new(),
    };
    let line = |key: &str, capacity: u16| BookableLine {
        line_id: LineId::new(&source.key, key),
        slot_min: 30,
        capacity,
        week: [day(), day(), day(), day(), day(), saturday.clone(), Vec::new()],
        special_days: Vec::new(),
    };
    let lines = source.lines.iter().filter_map(|text| Some(line(&text.key, text.bookable?))).collect();
    // The simulated SMS costs nothing.
    let messages = AppointmentMessages { confirm: true, remind_before_min: Some(24 * 60) };
    AppointmentPolicy { lines, messages, ..AppointmentPolicy::default() }
}

fn hours(source: HoursSource) -> OpeningHours {
    match source {
        HoursSource::Always => OpeningHours::RoundTheClock,
        HoursSource::Office => {
            let day = || vec![MORNING, AFTERNOON];
            OpeningHours::Weekly { week: [day(), day(), day(), day(), day(), Vec::new(), Vec::new()], special_days: Vec::new() }
        }
    }
}

fn staff(source: &StaffSource, keys: &BTreeMap<&str, &str>, known: &KnownDepartment<'_>) -> Result<SampleStaff, SampleFault> {
    let key = keys.get(source.site.as_str()).ok_or_else(|| unknown("site", &source.site))?;
    let bases = source.bases.iter().map(|basis| {
        let document = Some(basis.document.clone());
        Ok(Basis { department: known(&basis.department)?, kind: basis.kind, document, from: basis.from, to: basis.to })
    });
    let department_id = source.department.as_deref().map(known).transpose()?;
    let engagement = Engagement {
        source: source.source,
        seconded_from: department_id.clone().filter(|_| source.source == Source::Seconded),
        contract: None,
    };
    Ok(SampleStaff {
        id: StaffId::new(key, &source.username),
        username: source.username.clone(),
        name: source.name.clone(),
        roles: source.roles.clone(),
        site_id: site_id(&source.site)?,
        department_id,
        decides_instant: source.decides_instant,
        engagement,
        bases: bases.collect::<Result<_, SampleFault>>()?,
    })
}

/// What turns the texts of one catalogue into the objects of one site.
struct Makers<'a> {
    site: &'a SiteSource,
    catalogue: &'a CatalogueFile,
    known: &'a KnownDepartment<'a>,
}

impl Makers<'_> {
    fn matter(&self, text: &MatterText) -> Result<SampleMatter, SampleFault> {
        let matter_type = MatterType::from_code(&text.matter_type).ok_or_else(|| unknown("matter type", &text.matter_type))?;
        let is_local = text.department == LOCAL;
        let department = if is_local { &self.site.local_department } else { &text.department };
        let (materials, situations) = self.materials(text)?;
        let power = if is_local { PowerSource::AuthorisedFromAbove } else { PowerSource::Statutory };
        let matter = Matter {
            id: MatterId::new(&self.site.key, &text.key),
            version: 1,
            state: MatterState::Published,
            code: format!("YL-{}-{}", self.site.area_code, text.item),
            name: text.name.clone(),
            aliases: text.aliases.clone(),
            matter_type,
            department_id: (self.known)(department)?,
            category: text.category.clone(),
            area_code: self.site.area_code.clone(),
            exercise_level: ExerciseLevel::from_code(&text.level).ok_or_else(|| unknown("level", &text.level))?,
            power_source: (matter_type != MatterType::PublicService).then_some(power),
            legal_basis: text.basis.clone(),
            case_kind: if text.promised.is_some() { CaseKind::Promised } else { CaseKind::Instant },
            applicant_kinds: text.applicants.clone(),
            handling_forms: vec![HandlingForm::Window, HandlingForm::Mobile],
            statutory_days: text.statutory,
            promised_days: text.promised.unwrap_or_default(),
            special_procedures: text
                .special
                .iter()
                .map(|special| SpecialProcedure {
                    procedure: special.procedure,
                    days: special.days,
                    basis: special.basis.clone(),
                    stops_clock: special.stops,
                })
                .collect(),
            conditions: vec![text.who.clone()],
            materials,
            situations,
            fee: None,
            visits: 1,
            certificate: text.certificate.clone().map(Into::into),
            consultation_phone: self.site.phone.clone(),
            complaint_phone: "12345".to_owned(),
            guide: format!("## 谁能办\n\n{}\n\n## 怎么办\n\n{}\n\n## 提醒\n\n{}\n\n{FOOTNOTE}\n", text.who, text.how, text.tips),
            details: Details { pictures: text.pictures.clone(), courier: text.certificate.is_some(), ..Details::default() },
            form_schema: None,
            claimed: None,
            approval: self.approval(text)?,
            opinions: text.opinions.clone(),
        };
        Ok(SampleMatter { matter, line_id: self.line(&text.line) })
    }

    fn approval(&self, text: &MatterText) -> Result<Vec<ApprovalStage>, SampleFault> {
        let mut stages = Vec::with_capacity(text.approval.len());
        for steps in &text.approval {
            let mut stage = ApprovalStage { steps: Vec::with_capacity(steps.len()) };
            for step in steps {
                let department_id = step.department.as_deref().map(self.known).transpose()?;
                stage.steps.push(ApprovalStep { id: StepId::new(&step.id), name: step.name.clone(), department_id, signer: step.signer });
            }
            stages.push(stage);
        }
        Ok(stages)
    }

    fn materials(&self, text: &MatterText) -> Result<(Vec<Material>, Vec<SituationQuestion>), SampleFault> {
        let mut materials = Vec::new();
        for (keys, demand) in [(&text.need, Demand::Required), (&text.later, Demand::Tolerable), (&text.extra, Demand::Optional)] {
            for key in keys {
                materials.push(self.material(text, key, demand, Vec::new())?);
            }
        }
        let mut questions = Vec::new();
        for key in &text.questions {
            questions.push(self.catalogue.question.get(key).ok_or_else(|| unknown("question", key))?);
        }
        questions.extend(&text.question);
        for option in questions.iter().flat_map(|question| &question.options) {
            for (keys, demand) in [(&option.need, Demand::Required), (&option.later, Demand::Tolerable)] {
                for key in keys {
                    materials.push(self.material(text, key, demand, vec![self.situation_id(text, &option.key)])?);
                }
            }
        }
        Ok((materials, questions.into_iter().map(|question| self.question(text, question)).collect()))
    }

    fn question(&self, matter: &MatterText, text: &QuestionText) -> SituationQuestion {
        let options = text.options.iter().map(|option| Situation { id: self.situation_id(matter, &option.key), name: option.name.clone() });
        SituationQuestion { question: text.ask.clone(), many: text.many, options: options.collect(), asked_if: Vec::new() }
    }

    fn situation_id(&self, matter: &MatterText, key: &str) -> SituationId {
        SituationId::new(&self.site.key, &format!("{}-{key}", matter.key))
    }

    fn material(&self, matter: &MatterText, key: &str, demand: Demand, situation_ids: Vec<SituationId>) -> Result<Material, SampleFault> {
        let text: &MaterialText =
            matter.material.get(key).or_else(|| self.catalogue.material.get(key)).ok_or_else(|| unknown("material", key))?;
        Ok(Material {
            id: MaterialId::new(&self.site.key, &format!("{}-{key}", matter.key)),
            name: text.name.clone(),
            kind: text.kind,
            originals: text.originals,
            copies: text.copies,
            required: demand != Demand::Optional,
            tolerable: demand == Demand::Tolerable,
            keeping: text.keep,
            source: text.source,
            acceptance_points: text.points.clone(),
            situation_ids,
            sample: String::new(),
            blank_form: String::new(),
        })
    }

    fn bundle(&self, text: &BundleText, matters: &[SampleMatter]) -> Result<SampleBundle, SampleFault> {
        let matter_ids: Vec<MatterId> = text.matters.iter().map(|key| MatterId::new(&self.site.key, key)).collect();
        let bundle = Bundle {
            id: BundleId::new(&self.site.key, &text.key),
            version: 1,
            state: MatterState::Published,
            name: text.name.clone(),
            aliases: text.aliases.clone(),
            guide: format!("{}\n\n{FOOTNOTE}\n", text.guide),
            promised_days: text.promised,
            together: true,
            shared: shared_materials(matters.iter().map(|sample| &sample.matter).filter(|matter| matter_ids.contains(&matter.id))),
            shared_fields: Vec::new(),
            matter_ids,
        };
        Ok(SampleBundle { bundle, line_id: self.line(&text.line) })
    }

    /// The first wanted line that the site has, else its first line served by a general window.
    fn line(&self, wanted: &[String]) -> LineId {
        let has = |key: &&String| self.site.lines.iter().any(|line| line.key == **key);
        let general = self.site.windows.iter().find(|window| window.purpose == Purpose::General);
        let key = wanted.iter().find(has).or_else(|| general.and_then(|window| window.lines.first()));
        LineId::new(&self.site.key, key.map_or("", String::as_str))
    }
}

/// What several matters ask for under one name, in the order of the first.
fn shared_materials<'a>(matters: impl Iterator<Item = &'a Matter>) -> Vec<SharedMaterial> {
    let mut all: Vec<SharedMaterial> = Vec::new();
    for material in matters.flat_map(|matter| &matter.materials) {
        match all.iter_mut().find(|shared| shared.name == material.name) {
            Some(shared) => shared.material_ids.push(material.id.clone()),
            None => all.push(SharedMaterial { name: material.name.clone(), material_ids: vec![material.id.clone()] }),
        }
    }
    all.retain(|shared| shared.material_ids.len() > 1);
    all
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Demand {
    Required,
    Tolerable,
    Optional,
}
