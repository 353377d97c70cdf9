//! A case's whole file as one PDF for the archive (归档): what was registered, every paper, who did what from where,
//! and the files themselves. It names people in full, so reading it is an event of each of them before it is answered.
//! Which things there are and what stands on them is decided here and in `content`; how they look, in `documents`.

use std::collections::BTreeMap;
use std::time::Duration;

use documents::{Archive, Content, Item, Part};
use domain::case::{Attachment, Case, DecisionOutcome, FileKind, HistoryEntry, SubmissionStatus};
use domain::ids::{CaseId, StaffId};
use domain::rights::Operation;

use super::content::{day, fact, handling, minute};
use super::{App, Permit, StaffCaller, fonts};
use crate::app::cases::phrase;
use crate::app::error::{Answer, AppError};
use crate::app::persons::PersonData;
use crate::app::staff::bases::written;
use crate::store::{ChangeSet, IntervalRow, LoggedEvent};

/// What an applicant does online, in whose name no member of staff stands.
const APPLICANTS: [&str; 5] = ["case_opened", "application_submitted", "case_withdrawn", "attachment_added", "attachment_removed"];
/// What an applicant settles from home, also of a case that a window took.
const SETTLED: [&str; 4] = ["courier_chosen", "pickup_chosen", "agent_authorised", "authorisation_withdrawn"];
/// Bytes of files that one case file takes in; what comes after is listed with its hash.
const FILES_BYTES_MAX: u64 = 300 * 1024 * 1024;
/// How long one waits for another's case file to be bound.
const WAIT: Duration = Duration::from_secs(120);
/// Longest side of a signature's picture, in pixels.
const SIGNATURE_SIDE_MAX: u32 = 4_000;
/// Digits of an event's hash that are printed: enough to find a changed one, short enough to compare by eye.
const HASH_DIGITS: usize = 12;

/// Who signed a step by the own account, and where.
#[derive(Clone)]
struct Signer {
    name: String,
    place: String,
}

impl App {
    /// The whole file of a case as one PDF.
    ///
    /// # Errors
    /// 404, 403; 503 `fonts_missing`, or `busy` when too many are made at once.
    pub async fn archive(&self, caller: &StaffCaller, id: &CaseId) -> Answer<Vec<u8>> {
        let (case, permit) = self.readable(caller, Operation::RevealCase, id).await?;
        let busy = AppError::Unavailable { code: "busy", message: "正在装订别的案卷，请稍等再试" };
        let binding = tokio::time::timeout(WAIT, self.files.binding.acquire()).await;
        let _binding = binding.map_err(|_| busy)?.map_err(|error| AppError::Internal(error.to_string()))?;
        let mut papers = Vec::new();
        for issued in self.issued_papers(&case).await? {
            let (paper, code) = self.laid_out(&issued).await?;
            papers.push((issued.event.at, paper, code));
        }
        let cover = self.cover(&case).await?;
        let registered = self.registered(&case).await?;
        let history = self.signed_history(&case).await?;
        let files = self.files_of(&case).await?;
        self.record_archive(&permit, &case).await?;
        let ident = format!("{}-{}", case.id, case.version);
        let made = tokio::task::spawn_blocking(move || {
            let fonts = fonts()?;
            let mut archive = Archive { items: vec![registered], ..cover };
            for (at, paper, code) in papers {
                let (name, author) = (paper.title.clone(), paper.issuer.clone());
                let pdf = documents::pdf(&paper, &code, &fonts).map_err(|error| AppError::Internal(error.to_string()))?;
                let (date, remark) = (day(at), format!("核验码末段 {}", code.rsplit('-').next().unwrap_or(&code)));
                archive.items.push(Item { name, author, date, origin: format!("核验码 {code}"), remark, content: Content::Pdf(pdf) });
            }
            archive.items.push(history);
            archive.items.extend(files);
            documents::archive(&archive, &ident, &fonts).map_err(|error| AppError::Internal(error.to_string()))
        });
        let bound: Answer<documents::Bound> = made.await.map_err(|error| AppError::Internal(error.to_string()))?;
        let bound = bound?;
        if !bound.left_out.is_empty() {
            tracing::info!(case = %case.id, count = bound.left_out.len(), "files that a case file could not take in are listed in it");
        }
        Ok(bound.pdf)
    }

    async fn cover(&self, case: &Case) -> Answer<Archive> {
        let site_name = self.directory.get().site(case.site.as_str())?.name.clone();
        let applicant = self.person_data(case.site.as_str(), case.applicant.as_str()).await?;
        let mut facts = vec![
            fact("事项", &case.matter.name),
            fact("事项编码", &case.matter.item_code),
            fact("申请人", applicant.name.as_deref().unwrap_or_default()),
            fact("受理机构", &site_name),
            fact("承办部门", &case.matter.department_name),
        ];
        facts.extend(case.receipt_at.map(|at| fact("接件日期", &day(at))));
        facts.extend(case.acceptance.as_ref().map(|acceptance| fact("受理日期", &day(acceptance.at))));
        facts.extend(case.decision.as_ref().map(|decision| fact("决定日期", &day(decision.at))));
        facts.push(fact("办理结果", result(case)));
        Ok(Archive {
            issuer: site_name,
            title: "办件档案".to_owned(),
            number: format!("办件编号 {}", case.number),
            facts,
            note: format!("{} 由系统按办件记录装订", minute(self.now())),
            items: Vec::new(),
        })
    }

    /// What was registered: persons in full, form and checklist.
    async fn registered(&self, case: &Case) -> Answer<Item> {
        let site_id = case.site.as_str();
        let mut rows = persons_rows("申请人", &self.person_data(site_id, case.applicant.as_str()).await?);
        if let Some(agent) = &case.agent {
            rows.extend(persons_rows("代理人", &self.person_data(site_id, agent.as_str()).await?));
        }
        if let Some(collection) = case.certificate.as_ref().and_then(|certificate| certificate.collection.as_ref())
            && let Some(collector) = &collection.collector
        {
            rows.extend(persons_rows("领取人", &self.person_data(site_id, collector.as_str()).await?));
            if let Some(by) = &collection.authorisation {
                rows.push(fact("代领依据", &self.text(site_id, by.as_str()).await?));
            }
        }
        let mut parts = vec![Part::Facts { rows }];
        if let Some(form) = &case.form {
            parts.extend(form_part(&self.text(site_id, form.as_str()).await?));
        }
        let checklist = case.materials.iter().map(|entry| {
            let name = case.matter.requirement(&entry.material).map(|requirement| requirement.name.clone()).unwrap_or_default();
            let due = entry.due.filter(|_| entry.status == SubmissionStatus::Promised).map(|due| format!("，{due} 前补齐"));
            vec![name, entry.originals.to_string(), entry.copies.to_string(), handling(entry.status).to_owned() + &due.unwrap_or_default()]
        });
        parts.push(Part::Table {
            heading: "材料清单".to_owned(),
            head: ["材料", "原件", "复印件", "怎么收的"].map(str::to_owned).to_vec(),
            widths: vec![6, 1, 1, 2],
            rows: checklist.collect(),
        });
        let author = self.directory.get().site(site_id)?.name.clone();
        Ok(plain("办件登记表", &author, case.receipt_at.map_or_else(String::new, day), parts))
    }

    /// Every step with who signed it by the own account and from where, as it stands in the log; signatures below.
    async fn signed_history(&self, case: &Case) -> Answer<Item> {
        let site_id = case.site.as_str();
        let logged = self.stores.events.events_of(site_id, "case", case.id.as_str()).await?;
        let spans = match &case.ticket {
            Some(ticket) => self.windows_of_visit(site_id, ticket.as_str()).await?,
            None => Vec::new(),
        };
        let (mut signers, mut rows) = (BTreeMap::new(), Vec::with_capacity(case.history.len()));
        for (place, entry) in case.history.iter().enumerate() {
            let signer = self.signer(case, entry, &spans, &mut signers).await?;
            let note = match &entry.text {
                Some(id) => format!("：{}", self.text(site_id, id.as_str()).await?),
                None => String::new(),
            };
            let step = entry.step.as_ref().and_then(|id| case.step(id)).map_or_else(String::new, |step| format!("（{}）", step.name));
            let view = match entry.step.as_ref().filter(|_| entry.kind == "step_signed") {
                Some(_) if entry.agrees == Some(false) => "，不同意",
                Some(_) => "，同意",
                None => "",
            };
            let what = format!("{}{step}{view}{note}", phrase(&entry.kind));
            let principal = match &entry.acting_for {
                Some(id) => format!("（代 {}）", self.signer_of(id).await?.name),
                None => String::new(),
            };
            let under = entry.under.as_ref().map_or_else(String::new, |basis| format!("，{}", written(basis)));
            let entered = entry.entered_at.map_or_else(String::new, |at| format!("（{} 补录）", minute(at)));
            rows.push(vec![
                minute(entry.at) + &entered,
                what,
                signer.name + &principal + &under,
                signer.place,
                trace(logged.get(place), entry),
            ]);
        }
        let parts = vec![
            Part::Table {
                heading: "每一步由谁、在哪里办的".to_owned(),
                head: ["时间", "办了什么", "签署人", "地点", "日志留痕"].map(str::to_owned).to_vec(),
                widths: vec![9, 13, 7, 9, 8],
                rows,
            },
            Part::Text {
                text: "签署人以本人账号登录后办理，视为签署。日志留痕是这一步在本中心日志里的序号和校验值的前几位，\
                       前后相连，改动任何一步都会对不上。"
                    .to_owned(),
            },
        ];
        let author = self.directory.get().site(site_id)?.name.clone();
        let signatures = self.signatures(case).await?;
        let date = case.history.last().map_or_else(String::new, |entry| day(entry.at));
        Ok(Item { content: Content::Parts(parts, signatures), ..plain("办理过程", &author, date, Vec::new()) })
    }

    /// The signature for the document, where one was taken as a picture.
    async fn signatures(&self, case: &Case) -> Answer<Vec<(String, Vec<u8>)>> {
        let collection = case.certificate.as_ref().and_then(|certificate| certificate.collection.as_ref());
        let Some((collection, id)) = collection.and_then(|collection| Some((collection, collection.signature.as_ref()?))) else {
            return Ok(Vec::new());
        };
        let text = self.text(case.site.as_str(), id.as_str()).await?;
        let picture = data_encoding::BASE64.decode(text.as_bytes()).unwrap_or_default();
        Ok(if is_signature(&picture) { vec![(format!("领取人签名，{}", minute(collection.at)), picture)] } else { Vec::new() })
    }

    async fn windows_of_visit(&self, site_id: &str, ticket: &str) -> Answer<Vec<(IntervalRow, String)>> {
        let numbers: BTreeMap<String, i64> =
            self.stores.halls.windows(site_id).await?.into_iter().map(|row| (row.id, row.number)).collect();
        let rows = self.stores.halls.intervals_of(site_id, ticket).await?;
        let span = |row: IntervalRow| {
            let number = numbers.get(row.window_id.as_deref()?)?;
            Some((row, format!("{number} 号窗口")))
        };
        Ok(rows.into_iter().filter_map(span).collect())
    }

    async fn signer(
        &self,
        case: &Case,
        entry: &HistoryEntry,
        spans: &[(IntervalRow, String)],
        known: &mut BTreeMap<StaffId, Signer>,
    ) -> Answer<Signer> {
        let Some(id) = &entry.by else {
            let kind = entry.kind.as_str();
            let is_applicants = SETTLED.contains(&kind) || case.online.is_some() && APPLICANTS.contains(&kind);
            let (name, place) = if is_applicants { ("申请人", "网上，本人登录") } else { ("系统", "到时自动") };
            return Ok(Signer { name: name.to_owned(), place: place.to_owned() });
        };
        let mut signer = match known.get(id) {
            Some(signer) => signer.clone(),
            None => {
                let signer = self.signer_of(id).await?;
                known.insert(id.clone(), signer.clone());
                signer
            }
        };
        let at_window = spans
            .iter()
            .find(|(span, _)| span.staff_id.as_deref() == Some(id.as_str()) && (span.start_ms..=span.end_ms).contains(&entry.at));
        if let Some((_, window)) = at_window {
            signer.place = format!("{} {window}", signer.place);
        }
        Ok(signer)
    }

    async fn signer_of(&self, id: &StaffId) -> Answer<Signer> {
        let listing = self.directory.get();
        let Ok(site) = listing.site_of_key(id.site_key()) else {
            return Ok(Signer { name: id.to_string(), place: String::new() });
        };
        let row = self.stores.staff.staff(&site.id, id.as_str()).await?;
        let department = row.as_ref().and_then(|row| listing.departments.get(row.department_id.as_deref()?)).map(|row| row.name.as_str());
        let place = department.map_or_else(|| site.name.clone(), |department| format!("{department}（{}）", site.name));
        Ok(Signer { name: row.map_or_else(|| id.to_string(), |row| row.name), place })
    }

    /// The list of files, then each of them.
    async fn files_of(&self, case: &Case) -> Answer<Vec<Item>> {
        let mut items = Vec::with_capacity(case.attachments.len() + 1);
        let (mut rows, mut total, mut known) = (Vec::new(), 0_u64, BTreeMap::new());
        for (place, attachment) in case.attachments.iter().enumerate() {
            let material = attachment.material.as_ref().and_then(|id| case.matter.requirement(id)).map(|one| one.name.clone());
            let author = self.attachment_author(case, attachment, &mut known).await?;
            total += attachment.size_bytes;
            let (bytes, name) = if total > FILES_BYTES_MAX {
                (None, self.text(case.site.as_str(), attachment.name.as_str()).await?)
            } else {
                let (bytes, name) = self.attachment_bytes(case, attachment).await?;
                (Some(bytes), name)
            };
            let shown = material.unwrap_or_else(|| "其他".to_owned());
            let hash = attachment.sha256.clone();
            rows.push(vec![(place + 1).to_string(), shown.clone(), name.clone(), size(attachment.size_bytes), hash.clone()]);
            let origin = format!("{} {author} 上传 · SHA-256 {hash}", minute(attachment.at));
            let content = match bytes {
                Some(bytes) if attachment.kind.is_picture() => Content::Picture(bytes),
                Some(bytes) => Content::Pdf(bytes),
                None => Content::Parts(
                    vec![Part::Text { text: format!("附件太多，这一份没有并入，原文件仍在系统里。SHA-256 {hash}") }],
                    Vec::new(),
                ),
            };
            let title = format!("附件 {} {shown}（{name}）", place + 1);
            items.push(Item { name: title, author, date: day(attachment.at), remark: size(attachment.size_bytes), origin, content });
        }
        if !items.is_empty() {
            let list = Part::Table {
                heading: "上传的扫描件和照片".to_owned(),
                head: ["序号", "材料", "文件名", "大小", "SHA-256 校验值"].map(str::to_owned).to_vec(),
                widths: vec![2, 5, 7, 3, 9],
                rows,
            };
            let author = self.directory.get().site(case.site.as_str())?.name.clone();
            let date = case.attachments.last().map_or_else(String::new, |last| day(last.at));
            items.insert(0, plain("附件清单", &author, date, vec![list]));
        }
        Ok(items)
    }

    async fn attachment_author(&self, case: &Case, attachment: &Attachment, known: &mut BTreeMap<StaffId, Signer>) -> Answer<String> {
        let entry = HistoryEntry {
            at: attachment.at,
            entered_at: None,
            by: attachment.by.clone(),
            kind: "attachment_added".to_owned(),
            state: String::new(),
            text: None,
            acting_for: None,
            under: None,
            step: None,
            agrees: None,
        };
        Ok(self.signer(case, &entry, &[], known).await?.name)
    }

    /// One event for everybody whom it names in full.
    async fn record_archive(&self, permit: &Permit, case: &Case) -> Answer<()> {
        let collection = case.certificate.as_ref().and_then(|certificate| certificate.collection.as_ref());
        let collector = collection.and_then(|collection| collection.collector.as_ref());
        let mut set = ChangeSet::new(permit.site_id());
        for person in [Some(&case.applicant), case.agent.as_ref(), collector].into_iter().flatten() {
            let fields = serde_json::json!(["name", "id_number", "phone", "address", "attachment"]);
            let what = ("paper", serde_json::json!("archive"));
            set.events.push(self.person_read(permit, ("case", case.id.as_str()), person.as_str(), fields, what));
        }
        self.commit(set).await?;
        Ok(())
    }
}

/// Whether it is a picture that can be laid out: of a kind that is known, and not huge when it is unpacked.
fn is_signature(picture: &[u8]) -> bool {
    let kind = infer::get(picture).and_then(|found| FileKind::of_media_type(found.mime_type()));
    let size = || image::ImageReader::new(std::io::Cursor::new(picture)).with_guessed_format().ok()?.into_dimensions().ok();
    let is_small = || size().is_some_and(|(width, height)| width.max(height) <= SIGNATURE_SIDE_MAX);
    kind.is_some_and(FileKind::is_picture) && is_small() && image::load_from_memory(picture).is_ok()
}

fn plain(name: &str, author: &str, date: String, parts: Vec<Part>) -> Item {
    Item {
        name: name.to_owned(),
        author: author.to_owned(),
        date,
        remark: String::new(),
        origin: String::new(),
        content: Content::Parts(parts, Vec::new()),
    }
}

fn persons_rows(role: &str, data: &PersonData) -> Vec<(String, String)> {
    let rows = [
        (role.to_owned(), data.name.as_ref()),
        ("证件号码".to_owned(), data.id_number.as_ref()),
        ("电话".to_owned(), data.phone.as_ref()),
        ("地址".to_owned(), data.address.as_ref()),
    ];
    rows.into_iter().filter_map(|(name, value)| Some((name, value?.clone()))).collect()
}

/// The filled form as it was sent: names of fields with what was written.
fn form_part(text: &str) -> Option<Part> {
    let serde_json::Value::Object(fields) = serde_json::from_str(text).ok()? else { return None };
    let shown = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => text,
        serde_json::Value::Null => String::new(),
        serde_json::Value::Bool(true) => "是".to_owned(),
        serde_json::Value::Bool(false) => "否".to_owned(),
        other => other.to_string(),
    };
    let rows: Vec<Vec<String>> = fields.into_iter().map(|(name, value)| vec![name, shown(value)]).collect();
    let head = ["栏目", "填写内容"].map(str::to_owned).to_vec();
    (!rows.is_empty()).then(|| Part::Table { heading: "申请表".to_owned(), head, widths: vec![1, 3], rows })
}

/// Where a step stands in the log.
fn trace(logged: Option<&LoggedEvent>, entry: &HistoryEntry) -> String {
    let Some(event) = logged.filter(|event| event.kind == entry.kind && event.at == entry.at) else { return String::new() };
    let hash = data_encoding::HEXLOWER.encode(&event.hash);
    format!("第 {} 号\n{}", event.seq, hash.get(..HASH_DIGITS).unwrap_or(&hash))
}

fn size(bytes: u64) -> String {
    if bytes < 1024 * 1024 { format!("{} KB", bytes.div_ceil(1024)) } else { format!("{:.1} MB", bytes as f64 / 1_048_576.0) }
}

fn result(case: &Case) -> &'static str {
    match (case.closed_as(), &case.decision) {
        (Some("refused"), _) => "不予受理",
        (Some("withdrawn"), _) => "申请人撤回",
        (Some("revoked"), _) => "决定已撤销",
        (Some("lapsed"), _) => "逾期未补正，终止办理",
        (_, Some(decision)) => match decision.outcome {
            DecisionOutcome::Approved => "准予",
            DecisionOutcome::ApprovedTolerant => "容缺通过",
            DecisionOutcome::Denied => "不予通过",
        },
        (_, None) => "还没有办结",
    }
}
