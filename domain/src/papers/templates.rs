//! The papers that can be worded, each with its texts and the words that stand until somebody writes others (version 0).
//! What a text must say is what a law asks of the paper.

use super::{REVIEW_TERM, SUIT_TERM};
use crate::messages::Place;

/// Who speaks in a paper, and whose seal stands on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The centre that received the case.
    Centre,
    /// The department that decides it.
    Department,
}

/// Words of which one must be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phrase {
    /// Any of these will do; white space does not count.
    pub any_of: &'static [&'static str],
    /// What people miss without it, with the law that asks for it.
    pub about: &'static str,
}

/// A text of a paper that a site may word itself: one paragraph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaperText {
    /// Stable name.
    pub name: &'static str,
    /// What it is, for people.
    pub label: &'static str,
    /// The words that stand until somebody writes others.
    pub text: &'static str,
    /// What can be named.
    pub places: &'static [Place],
    /// What must be said in these words.
    pub phrases: &'static [Phrase],
    /// Longest text with its places filled, in characters: what leaves room for the rest of the paper.
    pub chars_max: usize,
    /// Whether the paper may do without it.
    pub may_be_empty: bool,
}

/// A paper whose texts can be worded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaperTemplate {
    /// Stable name, the paper's kind.
    pub name: &'static str,
    /// What it is called; of a decision the general name.
    pub title: &'static str,
    /// Who speaks in it.
    pub speaker: Speaker,
    /// Whether it bears the speaker's seal; the others are signed by people alone. 行政许可法 Art. 32 and 38: what is
    /// accepted, refused and decided is told in writing under a seal.
    pub is_sealed: bool,
    /// Its texts, in the order in which they stand on it.
    pub texts: &'static [PaperText],
}

impl PaperTemplate {
    /// A text by its name.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&'static PaperText> {
        self.texts.iter().find(|text| text.name == name)
    }
}

const fn must(name: &'static str, about: &'static str, sample: &'static str) -> Place {
    Place { name, about, sample, required: true }
}

const fn may(name: &'static str, about: &'static str, sample: &'static str) -> Place {
    Place { name, about, sample, required: false }
}

const fn phrase(any_of: &'static [&'static str], about: &'static str) -> Phrase {
    Phrase { any_of, about }
}

const fn text(
    name: &'static str,
    label: &'static str,
    text: &'static str,
    places: &'static [Place],
    phrases: &'static [Phrase],
) -> PaperText {
    PaperText { name, label, text, places, phrases, chars_max: 400, may_be_empty: false }
}

const SITE_SAMPLE: &str = "白桦镇便民服务中心";
const DEPARTMENT_SAMPLE: &str = "区林业和草原局";
const SITE: Place = may("site", "中心名称", SITE_SAMPLE);
const DEPARTMENT: Place = may("department", "承办部门", DEPARTMENT_SAMPLE);
const MATTER: Place = must("matter", "事项名称", "林木采伐许可证核发");

/// The name above the title and at the foot. It must name who speaks, because sites below take it over.
const BY_CENTRE: PaperText = PaperText {
    name: "issuer",
    label: "发文单位（抬头和落款）",
    text: "{site}",
    places: &[must("site", "中心名称", SITE_SAMPLE)],
    phrases: &[],
    chars_max: 30,
    may_be_empty: false,
};
const BY_DEPARTMENT: PaperText =
    PaperText { text: "{department}", places: &[must("department", "承办部门", DEPARTMENT_SAMPLE), SITE], ..BY_CENTRE };
const NOTE: PaperText = PaperText {
    name: "note",
    label: "结尾的说明",
    text: "",
    places: &[SITE, DEPARTMENT],
    phrases: &[],
    chars_max: 300,
    may_be_empty: true,
};
const CONTACT: PaperText = PaperText { name: "contact", label: "联系方式", chars_max: 120, ..NOTE };

const REVIEW: Phrase = phrase(&["行政复议"], "可以申请行政复议（行政许可法第三十八条）");
const SUIT: Phrase = phrase(&["行政诉讼"], "可以提起行政诉讼（行政许可法第三十八条）");
const REMEDIES: PaperText = text(
    "remedies",
    "救济途径",
    "如不服本决定，可以自收到本文书之日起{review_term}内依法申请行政复议，也可以自收到本文书之日起{suit_term}内依法向人民法院提起行政诉讼。",
    &[
        must("review_term", "复议期限，行政复议法第二十条", REVIEW_TERM),
        must("suit_term", "起诉期限，行政诉讼法第四十六条", SUIT_TERM),
        SITE,
        DEPARTMENT,
    ],
    &[REVIEW, SUIT],
);
const ALL_AT_ONCE: Phrase = phrase(&["全部"], "这是全部需要补正的内容（行政许可法第三十二条，一次告知）");
const BASIS: Phrase = phrase(&["第三十二条", "第32条"], "一次告知的依据（行政许可法第三十二条）");
const OVERDUE: Phrase = phrase(&["逾期"], "逾期的后果");

/// 材料接收凭证.
pub const RECEIPT: PaperTemplate = PaperTemplate {
    name: "receipt",
    title: "材料接收凭证",
    speaker: Speaker::Centre,
    is_sealed: true,
    texts: &[
        BY_CENTRE,
        PaperText {
            text: "本凭证只证明收到了上面的材料，不表示已经受理。材料是否齐全、是否受理，自收到之日起五个工作日内一次告知。",
            phrases: &[phrase(&["五个工作日", "5个工作日"], "五个工作日内一次告知（行政许可法第三十二条）")],
            may_be_empty: false,
            ..NOTE
        },
        CONTACT,
    ],
};

/// 一次性告知书.
pub const CORRECTION: PaperTemplate = PaperTemplate {
    name: "correction",
    title: "一次性告知书",
    speaker: Speaker::Centre,
    is_sealed: true,
    texts: &[
        BY_CENTRE,
        text(
            "opening",
            "开头",
            "你（单位）申请办理“{matter}”，经核对，还需要补正下列内容。这是全部需要补正的内容，此后不再增加。",
            &[MATTER, SITE],
            &[ALL_AT_ONCE],
        ),
        text("how", "怎么补", "带上本告知书和补正的材料，到{site}任一综合窗口", &[must("site", "中心名称", SITE_SAMPLE)], &[]),
        text(
            "consequence",
            "不补的后果",
            "补正后，受理期限自收到补正材料之日起重新计算。逾期没有补正的，终止办理，以后可以重新申请。",
            &[SITE],
            &[OVERDUE],
        ),
        PaperText {
            text: "依据：行政许可法第三十二条第一款第四项。本告知书一式两份，申请人和窗口各存一份。",
            phrases: &[BASIS],
            may_be_empty: false,
            ..NOTE
        },
        CONTACT,
    ],
};

/// 一件事一次告知单.
pub const JOINT_CORRECTION: PaperTemplate = PaperTemplate {
    name: "joint_correction",
    title: "一件事一次告知单",
    speaker: Speaker::Centre,
    is_sealed: true,
    texts: &[
        BY_CENTRE,
        text(
            "opening",
            "开头",
            "你（单位）申请办理“{bundle}”（{matters}），经核对，还需要补正下列内容。几件事项一次告知，这是全部需要补正的内容，此后不再增加。",
            &[must("bundle", "一件事的名称", "新生儿出生"), must("matters", "各个事项", "出生医学证明签发、新生儿落户"), SITE],
            &[ALL_AT_ONCE],
        ),
        text(
            "how",
            "怎么补",
            "带上本告知单和补正的材料，到{site}任一综合窗口，一次交齐；几件共用的交一份",
            &[must("site", "中心名称", SITE_SAMPLE)],
            &[],
        ),
        text(
            "consequence",
            "不补的后果",
            "补正后，受理期限自收到补正材料之日起重新计算。逾期没有补正的那一件终止办理，不影响其他几件，以后可以重新申请。",
            &[SITE],
            &[OVERDUE],
        ),
        PaperText {
            text: "依据：行政许可法第三十二条第一款第四项。本告知单一式两份，申请人和窗口各存一份。",
            places: &[SITE],
            phrases: &[BASIS],
            may_be_empty: false,
            ..NOTE
        },
        PaperText { places: &[SITE], ..CONTACT },
    ],
};

const APPLIED: Place = may("applied", "交材料的日期", "2026年11月24日");

/// 受理通知书.
pub const ACCEPTANCE: PaperTemplate = PaperTemplate {
    name: "acceptance",
    title: "受理通知书",
    speaker: Speaker::Centre,
    is_sealed: true,
    texts: &[
        BY_CENTRE,
        text(
            "opening",
            "开头（材料齐全）",
            "你（单位）{applied}提交的“{matter}”申请，材料齐全，符合法定形式，现予受理。",
            &[MATTER, APPLIED, SITE, DEPARTMENT],
            &[phrase(&["受理"], "已经受理")],
        ),
        text(
            "opening_deemed",
            "开头（逾期没有告知，视为受理）",
            "你（单位）{applied}提交的“{matter}”申请，自收到材料之日起五个工作日内没有告知补正，依照行政许可法第三十二条，自收到材料之日起即为受理。",
            &[MATTER, APPLIED, SITE, DEPARTMENT],
            &[BASIS, phrase(&["即为受理"], "自收到材料之日起即为受理（行政许可法第三十二条）")],
        ),
        text(
            "opening_overturned",
            "开头（部门不同意不予受理）",
            "你（单位）{applied}提交的“{matter}”申请，经{department}审查，依法应当受理，现予受理。",
            &[MATTER, APPLIED, SITE, DEPARTMENT],
            &[phrase(&["受理"], "已经受理")],
        ),
        PaperText {
            text: "依法需要听证、招标、拍卖、检验、检测、检疫、鉴定和专家评审的，所需时间不计算在上述期限内，并另行书面告知。",
            phrases: &[phrase(&["不计算在"], "特别程序的时间不计算在期限内（行政许可法第四十五条）")],
            may_be_empty: false,
            ..NOTE
        },
        CONTACT,
    ],
};

/// 容缺受理通知书.
pub const TOLERANT_ACCEPTANCE: PaperTemplate = PaperTemplate {
    name: "tolerant_acceptance",
    title: "容缺受理通知书",
    speaker: Speaker::Centre,
    is_sealed: true,
    texts: &[
        BY_CENTRE,
        text(
            "opening",
            "开头",
            "你（单位）申请办理“{matter}”，主要材料齐全，次要材料暂缺，你（单位）书面承诺按期补齐，现予容缺受理。",
            &[MATTER, SITE, DEPARTMENT],
            &[phrase(&["容缺受理"], "容缺受理")],
        ),
        text(
            "consequence",
            "不补的后果",
            "承诺的材料补齐以前，不发放结果证照。逾期没有补齐的，由承办部门决定不予通过，或者准予延期一次。",
            &[SITE, DEPARTMENT],
            &[OVERDUE],
        ),
        text(
            "pledge",
            "申请人的承诺",
            "本人（单位）已知晓上述内容，承诺按期补齐，并对材料的真实性负责。本通知书一式两份，申请人和窗口各存一份。",
            &[SITE],
            &[phrase(&["承诺"], "申请人的承诺"), phrase(&["两份", "2份"], "一式两份")],
        ),
        NOTE,
        CONTACT,
    ],
};

/// 不予受理通知书.
pub const REFUSAL: PaperTemplate = PaperTemplate {
    name: "refusal",
    title: "不予受理通知书",
    speaker: Speaker::Department,
    is_sealed: true,
    texts: &[
        BY_DEPARTMENT,
        text(
            "opening",
            "开头",
            "你（单位）申请办理的“{matter}”，经审查，{ground}，决定不予受理。",
            &[MATTER, must("ground", "不予受理的情形", "依法不属于本机关职权范围，请向有关机关申请"), SITE, DEPARTMENT],
            &[phrase(&["不予受理"], "不予受理")],
        ),
        REMEDIES,
        NOTE,
        CONTACT,
    ],
};

/// 特别程序告知书.
pub const SPECIAL_PROCEDURE: PaperTemplate = PaperTemplate {
    name: "special_procedure",
    title: "特别程序告知书",
    speaker: Speaker::Department,
    is_sealed: true,
    texts: &[
        BY_DEPARTMENT,
        text(
            "opening",
            "开头",
            "你（单位）申请办理的“{matter}”，依法需要进入特别程序，现告知如下。",
            &[MATTER, SITE, DEPARTMENT],
            &[phrase(&["特别程序"], "进入特别程序")],
        ),
        NOTE,
        CONTACT,
    ],
};

/// 延长办理期限告知书.
pub const EXTENSION: PaperTemplate = PaperTemplate {
    name: "extension",
    title: "延长办理期限告知书",
    speaker: Speaker::Department,
    is_sealed: true,
    texts: &[
        BY_DEPARTMENT,
        text(
            "opening",
            "开头",
            "你（单位）申请办理的“{matter}”，在期限内不能作出决定，经批准，{term}延长 {days} 个工作日，现将理由告知如下。",
            &[MATTER, must("term", "延长的是哪个期限", "办理期限"), must("days", "延长几个工作日", "10"), SITE, DEPARTMENT],
            &[phrase(&["批准"], "经批准（行政许可法第四十二条）")],
        ),
        NOTE,
        CONTACT,
    ],
};

/// 准予、不予决定书.
pub const DECISION: PaperTemplate = PaperTemplate {
    name: "decision",
    title: "准予、不予决定书",
    speaker: Speaker::Department,
    is_sealed: true,
    texts: &[
        BY_DEPARTMENT,
        text(
            "opening_granted",
            "开头（准予）",
            "你（单位）申请办理的“{matter}”，经审查，符合法定条件、标准，决定准予。",
            &[MATTER, SITE, DEPARTMENT],
            &[phrase(&["准予"], "决定准予")],
        ),
        text(
            "opening_tolerant",
            "开头（容缺准予）",
            "你（单位）申请办理的“{matter}”，经审查，符合法定条件、标准，决定准予。承诺的材料补齐以后，颁发结果证照。",
            &[MATTER, SITE, DEPARTMENT],
            &[phrase(&["准予"], "决定准予"), phrase(&["补齐"], "材料补齐以后才发证照")],
        ),
        text(
            "opening_denied",
            "开头（不予）",
            "你（单位）申请办理的“{matter}”，经审查，不符合法定条件、标准，决定不予通过。",
            &[MATTER, SITE, DEPARTMENT],
            &[phrase(&["不予"], "决定不予")],
        ),
        text(
            "delivery",
            "准予后怎么送达",
            "自作出决定之日起十个工作日内颁发、送达“{certificate}”（行政许可法第四十四条）。",
            &[must("certificate", "证照名称", "林木采伐许可证"), SITE, DEPARTMENT],
            &[phrase(&["十个工作日", "10个工作日"], "十个工作日内颁发、送达（行政许可法第四十四条）")],
        ),
        REMEDIES,
        NOTE,
        CONTACT,
    ],
};

/// 送达回证.
pub const DELIVERY: PaperTemplate =
    PaperTemplate { name: "delivery", title: "送达回证", speaker: Speaker::Centre, is_sealed: false, texts: &[BY_CENTRE, NOTE] };

/// 物料流转单.
pub const TRANSFER: PaperTemplate =
    PaperTemplate { name: "transfer", title: "物料流转单", speaker: Speaker::Centre, is_sealed: false, texts: &[BY_CENTRE, NOTE] };

/// Every paper that can be worded, in the order of a case's way.
pub const TEMPLATES: &[&PaperTemplate] = &[
    &RECEIPT,
    &CORRECTION,
    &JOINT_CORRECTION,
    &ACCEPTANCE,
    &TOLERANT_ACCEPTANCE,
    &REFUSAL,
    &SPECIAL_PROCEDURE,
    &EXTENSION,
    &DECISION,
    &DELIVERY,
    &TRANSFER,
];

/// The paper of a name.
#[must_use]
pub fn template(name: &str) -> Option<&'static PaperTemplate> {
    TEMPLATES.iter().copied().find(|template| template.name == name)
}
