//! Catalogues by a seed: every field of every matter filled in somehow, texts as people and machines write them. Each
//! matter stands the checks. No field is left to a default: a new one has to be drawn here, too, so that it is proved to
//! come back.

use chrono::NaiveDate;
use domain::case::{ApprovalStage, ApprovalStep, CaseKind, Procedure, Signer, StepId};
use domain::catalogue::{
    ApplicantKind, CertificateForm, Department, Details, ExerciseLevel, Fee, FieldKind, FormField, FormSchema, GuidePicture, GuideVideo,
    HandlingForm, Material, MaterialKeeping, MaterialKind, MaterialSource, Matter, MatterState, MatterType, OpinionTemplate, PowerSource,
    Situation, SituationQuestion, SpecialProcedure, TextFormat,
};
use domain::ids::{DepartmentId, MaterialId, MatterId, SituationId};
use fastrand::Rng;

/// Pieces of texts that formats trip over.
const PIECES: [&str; 30] = [
    "低保",
    "一次性告知",
    "㐂",
    "𠮷",
    "·",
    "ᠮᠣᠩᠭᠣᠯ",
    "=1+1",
    "+86",
    "-5",
    "@",
    "'",
    "''=",
    "\"",
    ",",
    "、",
    "；",
    "  ",
    "007",
    "1e5",
    "1.5E+10",
    "<r>",
    "</r>",
    "<t>&amp;",
    "_x0041_",
    "TRUE",
    "2026-01-31",
    "问1答2",
    "\u{E000}",
    "\u{3000}",
    "𝒜",
];

pub struct Draw {
    rng: Rng,
    count: u32,
}

impl Draw {
    pub fn by(seed: u64) -> Self {
        Self { rng: Rng::with_seed(seed), count: 0 }
    }

    fn is(&mut self) -> bool {
        self.rng.bool()
    }

    fn number(&mut self, from: u32, to: u32) -> u32 {
        self.rng.u32(from..=to)
    }

    fn one<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.rng.usize(..all.len())]
    }

    fn some<T: Copy>(&mut self, all: &[T]) -> Vec<T> {
        let mut chosen: Vec<T> = all.iter().copied().filter(|_| self.rng.bool()).collect();
        if chosen.is_empty() {
            chosen.push(all[0]);
        }
        self.rng.shuffle(&mut chosen);
        chosen
    }

    fn maybe<T>(&mut self, of: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.is() { Some(of(self)) } else { None }
    }

    fn list<T>(&mut self, from: u32, to: u32, mut of: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.number(from, to)).map(|_| of(self)).collect()
    }

    /// A line of 1 to some characters, without blanks around it.
    fn line(&mut self, chars_max: usize) -> String {
        let parts: Vec<&str> = (0..self.number(1, 6)).map(|_| self.one(&PIECES)).collect();
        let text: String = parts.concat().trim().chars().take(chars_max).collect();
        let text = text.trim().to_owned();
        if text.is_empty() { "空".to_owned() } else { text }
    }

    fn may(&mut self, chars_max: usize) -> String {
        if self.is() { self.line(chars_max) } else { String::new() }
    }

    /// Several lines; one in two ends with a line break, as guides do.
    fn text(&mut self) -> String {
        if !self.is() {
            return String::new();
        }
        let lines = self.list(1, 5, |draw| draw.line(60));
        lines.join(if self.is() { "\n" } else { "\n\n" }) + if self.is() { "\n" } else { "" }
    }

    fn lines(&mut self) -> Vec<String> {
        self.list(0, 4, |draw| draw.line(80))
    }

    fn tail(&mut self) -> String {
        self.count += 1;
        format!("{}{:08x}", self.count, self.rng.u32(..))
    }

    fn file(&mut self) -> String {
        (0..64).map(|_| self.one(&['0', '7', 'a', 'f'])).collect()
    }

    fn day(&mut self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.rng.i32(1890..2100), self.number(1, 12), self.number(1, 28)).expect("a day")
    }

    fn area(&mut self) -> String {
        let length = self.number(6, 12);
        (0..length).map(|_| self.one(&['0', '1', '5'])).collect()
    }

    pub fn departments(&mut self) -> Vec<Department> {
        let mut departments =
            self.list(2, 4, |draw| Department { id: DepartmentId::new("dd", &draw.tail()), code: draw.may(20), name: draw.line(30) });
        // Two of one name are told apart by their ids.
        if self.is() {
            let twin = Department { id: DepartmentId::new("dd", &self.tail()), ..departments[0].clone() };
            departments.push(twin);
        }
        departments
    }

    /// A matter of a code and an identity.
    pub fn matter(&mut self, id: &str, code: &str, departments: &[Department]) -> Matter {
        let case_kind = self.one(&[CaseKind::Instant, CaseKind::Promised]);
        let promised_days = if case_kind == CaseKind::Instant { 0 } else { self.number(1, 300) };
        let situations = self.situations();
        let department_id = departments[self.rng.usize(..departments.len())].id.clone();
        Matter {
            id: MatterId::new("dc", id),
            version: self.number(1, 9),
            state: self.one(&[MatterState::Published, MatterState::Published, MatterState::Retired]),
            code: code.to_owned(),
            name: self.line(200),
            aliases: self.lines(),
            matter_type: self.one(MatterType::ALL),
            department_id,
            category: self.may(100),
            area_code: if self.is() { self.area() } else { String::new() },
            exercise_level: self.one(ExerciseLevel::ALL),
            power_source: self.maybe(|draw| draw.one(PowerSource::ALL)),
            legal_basis: self.lines(),
            case_kind,
            applicant_kinds: self.some(ApplicantKind::ALL),
            handling_forms: self.some(HandlingForm::ALL),
            statutory_days: self.maybe(|draw| draw.number(promised_days.max(1), 1_000)),
            promised_days,
            special_procedures: self.list(0, 3, |draw| SpecialProcedure {
                procedure: draw.one(&Procedure::ALL),
                days: draw.number(1, 60),
                basis: draw.line(80),
                stops_clock: draw.is(),
            }),
            conditions: self.lines(),
            materials: self.materials(&situations),
            situations,
            fee: self.maybe(|draw| Fee { basis: draw.line(60), standard: draw.line(60) }),
            visits: self.number(0, 20),
            certificate: self.maybe(|draw| CertificateForm {
                name: draw.line(60),
                valid_years: draw.maybe(|draw| draw.number(1, 100)),
                licence_type: draw.maybe(|draw| (0..21).map(|_| draw.one(&['0', '9', 'A', 'z'])).collect()),
            }),
            consultation_phone: self.may(40),
            complaint_phone: self.may(40),
            guide: self.text(),
            details: self.details(),
            form_schema: self.maybe(Self::form),
            claimed: None,
            opinions: self.opinions(),
            approval: if case_kind == CaseKind::Instant { Vec::new() } else { self.approval(departments) },
        }
    }

    fn situations(&mut self) -> Vec<SituationQuestion> {
        let mut questions: Vec<SituationQuestion> = Vec::new();
        for _ in 0..self.number(0, 3) {
            let before: Vec<SituationId> = questions.iter().flat_map(|one| &one.options).map(|option| option.id.clone()).collect();
            let options = self.list(2, 4, |draw| Situation { id: SituationId::new("dc", &draw.tail()), name: draw.line(60) });
            let asked_if = before.into_iter().filter(|_| self.rng.u8(..3) == 0).collect();
            questions.push(SituationQuestion { question: self.line(60), many: self.is(), options, asked_if });
        }
        questions
    }

    fn materials(&mut self, situations: &[SituationQuestion]) -> Vec<Material> {
        let answers: Vec<SituationId> = situations.iter().flat_map(|one| &one.options).map(|option| option.id.clone()).collect();
        self.list(0, 5, |draw| {
            let required = draw.is();
            let mut situation_ids: Vec<SituationId> = answers.iter().filter(|_| draw.rng.u8(..3) == 0).cloned().collect();
            draw.rng.shuffle(&mut situation_ids);
            Material {
                id: MaterialId::new("dc", &draw.tail()),
                name: draw.line(100),
                kind: draw.one(&MaterialKind::ALL),
                originals: draw.number(0, 100),
                copies: draw.number(0, 100),
                required,
                tolerable: required && draw.is(),
                keeping: draw.one(&MaterialKeeping::ALL),
                source: draw.one(&MaterialSource::ALL),
                acceptance_points: draw.lines(),
                situation_ids,
                sample: draw.may(60),
                blank_form: draw.may(60),
            }
        })
    }

    fn details(&mut self) -> Details {
        let (one, other) = (self.day(), self.day());
        let video = self.maybe(|draw| {
            let is_file = draw.is();
            GuideVideo {
                title: draw.line(60),
                url: if is_file { String::new() } else { format!("https://{}", draw.line(60)) },
                transcript: if is_file { format!("{}\n", draw.line(60)) } else { draw.text() },
                file: is_file.then(|| draw.file()),
            }
        });
        Details {
            basic_code: self.may(60),
            business_item_code: self.may(60),
            department_nature: self.may(60),
            statutory_note: self.may(200),
            promised_note: self.may(200),
            flow: self.lines(),
            intermediary_services: self.lines(),
            annual_inspection: self.may(100),
            online_depth: self.maybe(|draw| draw.rng.u8(1..=4)),
            courier: self.is(),
            result_type: self.may(60),
            address: self.may(100),
            hours: self.may(100),
            area_codes: self.list(0, 3, Self::area),
            effective_on: self.is().then_some(one.min(other)),
            expires_on: self.is().then_some(one.max(other)),
            pictures: self.list(0, 3, |draw| {
                let file = draw.maybe(Self::file);
                GuidePicture {
                    icon: draw.one(&["doc", "idcard", "2step"]).to_owned(),
                    title: draw.line(40),
                    text: draw.may(100),
                    alt: if file.is_some() { draw.line(60) } else { draw.may(60) },
                    file,
                }
            }),
            video,
        }
    }

    fn form(&mut self) -> FormSchema {
        let fields = self.list(1, 5, |draw| FormField {
            name: format!("f_{}", draw.tail()),
            title: draw.line(60),
            hint: draw.may(100),
            required: draw.is(),
            kind: draw.field_kind(),
        });
        FormSchema { fields }
    }

    fn field_kind(&mut self) -> FieldKind {
        let options = |draw: &mut Self| {
            let mut options = draw.list(1, 5, |draw| draw.line(30));
            options.sort_unstable();
            options.dedup();
            options
        };
        match self.number(0, 4) {
            0 => FieldKind::Text {
                chars_min: self.number(0, 5),
                chars_max: self.number(5, 2_000),
                many_lines: self.is(),
                format: self.maybe(|draw| draw.one(&TextFormat::ALL)),
            },
            1 => FieldKind::Number {
                whole: self.is(),
                minimum: self.maybe(|draw| draw.rng.i64(-9_000_000_000_000_000_000..=0)),
                maximum: self.maybe(|draw| draw.rng.i64(0..)),
            },
            2 => FieldKind::YesNo,
            3 => FieldKind::One { options: options(self) },
            _ => {
                let options = options(self);
                let count = u32::try_from(options.len()).expect("few");
                let count_max = self.number(1, count);
                FieldKind::Some { options, count_min: self.number(0, count_max), count_max }
            }
        }
    }

    fn opinions(&mut self) -> Vec<OpinionTemplate> {
        let mut opinions = self.list(0, 6, |draw| OpinionTemplate { name: draw.line(12), text: draw.line(200), denies: draw.is() });
        opinions.sort_by(|one, other| one.name.cmp(&other.name));
        opinions.dedup_by(|one, other| one.name == other.name);
        opinions
    }

    fn approval(&mut self, departments: &[Department]) -> Vec<ApprovalStage> {
        let step = |draw: &mut Self| ApprovalStep {
            id: StepId::new(&format!("s-{}", draw.tail())),
            name: draw.line(20),
            department_id: draw.maybe(|draw| departments[draw.rng.usize(..departments.len())].id.clone()),
            signer: draw.one(&[Signer::Approver, Signer::Leader]),
        };
        let mut stages = self.list(0, 2, |draw| ApprovalStage { steps: draw.list(1, 3, step) });
        if !stages.is_empty() {
            stages.push(ApprovalStage { steps: vec![step(self)] });
        }
        stages
    }
}
