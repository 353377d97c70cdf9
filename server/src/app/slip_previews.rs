//! What a slip looks like on a printer's paper, before anything is printed: samples of every kind of slip, laid out for
//! a profile. Knows no printer.

use domain::time::Millis;
use protocol::slip::{
    CutMode, DocumentKind, DocumentSlip, PaperWidth, PrinterProfile, QrMode, Slip, SlipItem, SlipQr, SlipRow, TextMode, TicketSlip,
};
use serde::Deserialize;
use slip::Fonts;
use slip::fonts::DEBIAN_NOTO_CJK;
use utoipa::ToSchema;

use super::App;
use super::caller::Permit;
use super::error::{Answer, AppError};
use super::fresh::{digits, id_tail};

/// Which sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SlipSample {
    /// 号票.
    Ticket,
    /// 材料接收凭证.
    MaterialReceipt,
    /// 受理回执.
    AcceptanceReceipt,
    /// 一次性告知书.
    CorrectionNotice,
    /// 取证通知.
    PickupNotice,
    /// 打印机标定页.
    Calibration,
}

/// A picture of a slip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlipPreview {
    /// PNG, one pixel per dot.
    pub png: Vec<u8>,
    /// Paper that it takes from the roll, in millimetres.
    pub used_mm: u32,
}

impl App {
    /// A sample of a slip as the printer of `profile` would print it for this hall.
    ///
    /// # Errors
    /// 503 `fonts_missing`.
    pub async fn slip_preview(&self, permit: &Permit, sample: SlipSample, profile: PrinterProfile) -> Answer<SlipPreview> {
        let listing = self.directory.get();
        let site = listing.site(permit.site_id())?;
        let hall = Hall { name: site.name.clone(), phone: Some(site.phone.clone()).filter(|phone| !phone.is_empty()) };
        let code = id_tail(self.entropy.as_ref(), self.now());
        let code = Code { url: format!("{}/t/{code}", self.settings.public_url), short: digits(self.entropy.as_ref(), 8) };
        let slip = sampled(sample, hall, code, &profile, self.now());
        let drawn = tokio::task::spawn_blocking(move || {
            let mut fonts = Fonts::from_files(&DEBIAN_NOTO_CJK).map_err(|_| AppError::Unavailable {
                code: "fonts_missing",
                message: "服务器上没有中文字体，请信息员安装 fonts-noto-cjk",
            })?;
            let png = slip::preview(&slip, &profile, &mut fonts).png().map_err(|error| AppError::Internal(error.to_string()))?;
            Ok(SlipPreview { png, used_mm: slip::escpos(&slip, &profile, &mut fonts).used_mm })
        });
        drawn.await.map_err(|error| AppError::Internal(error.to_string()))?
    }
}

struct Hall {
    name: String,
    phone: Option<String>,
}

struct Code {
    url: String,
    short: String,
}

fn sampled(sample: SlipSample, hall: Hall, code: Code, profile: &PrinterProfile, now: Millis) -> Slip {
    let row = |label: &str, value: &str| SlipRow { label: label.to_owned(), value: value.to_owned() };
    let item = |text: &str, note: Option<&str>| SlipItem { text: text.to_owned(), note: note.map(str::to_owned) };
    let document = |kind, title: &str| DocumentSlip {
        kind,
        hall_name: hall.name.clone(),
        title: title.to_owned(),
        rows: vec![row("事项", "最低生活保障对象认定、保障金给付"), row("办件编号", "样张-0001")],
        items_title: None,
        items: Vec::new(),
        notes: Vec::new(),
        qr: Some(SlipQr { url: code.url.clone(), caption: "手机扫一扫，随时看进度".to_owned(), code: Some(code.short.clone()) }),
        issued_at_ms: now,
        phone: hall.phone.clone(),
        reprint: false,
        practice: false,
    };
    match sample {
        SlipSample::Ticket => Slip::Ticket(TicketSlip {
            hall_name: hall.name.clone(),
            line_name: "综合受理".to_owned(),
            green: false,
            number: "A017".to_owned(),
            ahead: 6,
            estimated_wait_s: 25 * 60,
            estimated_wait_optimistic_s: Some(18 * 60),
            windows: vec![1, 2, 3, 4],
            area_text: Some("进门左手边".to_owned()),
            tracking_url: code.url,
            short_code: code.short,
            missed_rule: domain::hall::Policy::default().missed_rule(),
            issued_at_ms: now,
            valid_text: "当天有效".to_owned(),
            phone: hall.phone,
            reprint: false,
            practice: false,
        }),
        SlipSample::MaterialReceipt => Slip::Document(DocumentSlip {
            items_title: Some("收到这 3 件材料".to_owned()),
            items: vec![item("身份证复印件", Some("1 份")), item("户口簿复印件", Some("1 份")), item("家庭收入证明（原件）", Some("1 份"))],
            notes: vec!["收到不等于受理；受理了会另给受理通知书。".to_owned()],
            ..document(DocumentKind::MaterialReceipt, "材料接收凭证")
        }),
        SlipSample::AcceptanceReceipt => Slip::Document(DocumentSlip {
            notes: vec!["正式的受理通知书可以向窗口要。".to_owned()],
            ..with(document(DocumentKind::AcceptanceReceipt, "受理回执"), [row("承办部门", "民政办"), row("最晚办好", "2026年12月8日")])
        }),
        SlipSample::PickupNotice => Slip::Document(DocumentSlip {
            items_title: Some("领的时候带上".to_owned()),
            items: vec![item("领取人的身份证", None), item("别人代领的，再带授权书和两人的身份证", None)],
            ..with(document(DocumentKind::PickupNotice, "取证通知"), [row("证照", "最低生活保障证"), row("到哪里领", "一楼取证窗口")])
        }),
        SlipSample::CorrectionNotice => Slip::Document(DocumentSlip {
            items_title: Some("还差这 2 件".to_owned()),
            items: vec![item("家庭成员收入证明", Some("依据《城乡最低生活保障审核确认办法》第十二条")), item("残疾证复印件", None)],
            notes: vec!["补齐后到任一综合窗口交，也可以在手机上传；不用重新取号。".to_owned()],
            ..document(DocumentKind::CorrectionNotice, "一次性告知书")
        }),
        SlipSample::Calibration => Slip::Document(calibration_sheet(&hall.name, "样张", profile, code.url, now)),
    }
}

/// A document with more facts.
fn with(document: DocumentSlip, rows: [SlipRow; 2]) -> DocumentSlip {
    DocumentSlip { rows: document.rows.iter().cloned().chain(rows).collect(), ..document }
}

/// The sheet by which a printer is set: what its profile says beside what comes out.
pub(super) fn calibration_sheet(hall_name: &str, printer: &str, profile: &PrinterProfile, url: String, now: Millis) -> DocumentSlip {
    let row = |label: &str, value: &str| SlipRow { label: label.to_owned(), value: value.to_owned() };
    let width = match profile.width_dots {
        PaperWidth::Mm80 => "80 毫米",
        PaperWidth::Mm58 => "58 毫米",
    };
    let text = match profile.text {
        TextMode::Gb18030 => "打印机的字（GB18030）",
        TextMode::Gbk => "打印机的字（GBK）",
        TextMode::Raster => "整张按图",
    };
    let code = match profile.qr {
        QrMode::Native => "打印机画",
        QrMode::Raster => "按图",
    };
    let cut = match profile.cut {
        CutMode::Full => "全切",
        CutMode::Partial => "留一点",
        CutMode::None => "没有切刀",
    };
    let looks = [
        "上面的尺子两头都在纸上，中间没断开",
        "四行大小不同的字，汉字和字母一样高；不一样就打开“汉字用 FS ! 放大”",
        "镕、喆、㵘、𠮷没有打成问号；打成问号就把文字改成 GBK 或按图",
        "黑块是黑的、灰格是灰的；太淡太黑就改浓度",
        "下面的码手机扫得出；扫不出就把二维码改成按图",
        "纸在这一行下面切断，没切到字",
    ];
    DocumentSlip {
        kind: DocumentKind::SelfTest,
        hall_name: hall_name.to_owned(),
        title: "打印机测试".to_owned(),
        rows: vec![
            row("打印机", printer),
            row("纸宽", width),
            row("文字", text),
            row("二维码", code),
            row("切纸", cut),
            row("浓度", &profile.density.to_string()),
        ],
        items_title: Some("看一看".to_owned()),
        items: looks.map(|text| SlipItem { text: text.to_owned(), note: None }).to_vec(),
        notes: vec!["能看到这张纸，就是打印好着。".to_owned()],
        qr: Some(SlipQr { url, caption: "扫得出就对了".to_owned(), code: None }),
        issued_at_ms: now,
        phone: None,
        reprint: false,
        practice: false,
    }
}
