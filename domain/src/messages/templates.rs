//! The messages that can be worded, each with its places and the words that stand until somebody writes others.

/// A place that is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its name in braces.
    pub name: &'static str,
    /// What stands there, for people.
    pub about: &'static str,
    /// An example.
    pub sample: &'static str,
    /// Whether a message without it is of no use.
    pub required: bool,
}

/// A message that can be worded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// Stable name.
    pub name: &'static str,
    /// When it is sent, for people.
    pub title: &'static str,
    /// The heading of mails.
    pub subject: &'static str,
    /// The words.
    pub text: &'static str,
    /// What can be named.
    pub places: &'static [Place],
}

/// For news of a case that have no words of their own.
pub const CASE_NEWS: &str = "case_news";

const fn must(name: &'static str, about: &'static str, sample: &'static str) -> Place {
    Place { name, about, sample, required: true }
}

const fn may(name: &'static str, about: &'static str, sample: &'static str) -> Place {
    Place { name, about, sample, required: false }
}

const NUMBER: Place = must("number", "办件编号", "DC20261124-0001");
const DAYS: Place = must("days", "延长几个工作日", "10");
const DUE: Place = must("due", "最迟哪天补齐", "12月4日");
const SITE: Place = may("site", "中心名称", "白桦镇便民服务中心");
const PHONE: Place = may("phone", "咨询电话", "0470-0000000");
const HOURS: Place = may("hours", "办理时间", "周一至周五 8:30–12:00、14:00–17:30");
const PLACE: Place = must("place", "地点，带地址", "白桦镇便民服务中心（向阳路 8 号）");
const URL: Place = must("url", "查看的网页", "https://zwfw.example.cn/t/ABCDEFGHJKLMNPQR");
const WHEN: Place = must("when", "约的时间", "11月27日 9:00–9:30");
const SHORT: Place = must("short", "预约码", "K7M2-94QX");
const FROM: Place = may("from", "几点起签到", "8:30");

/// Every message that can be worded.
pub const TEMPLATES: &[Template] = &[
    Template {
        name: "ready_for_pickup",
        title: "办好了，可以来领",
        subject: "您的办件可以领取了",
        text: "您的办件 {number} {all}办好了，请带身份证件到{place}出证窗口领取。领取时间：{hours}。查看进度：{url}[ 咨询电话：{phone}]",
        places: &[NUMBER, may("all", "几件一起领时是“几件都”", ""), PLACE, HOURS, URL, SITE, PHONE],
    },
    Template {
        name: "pickup_reminder",
        title: "提醒来领",
        subject: "您的办件还没有领取",
        text: "您的办件 {number} {all}早就办好了，还在{place}出证窗口等您，请带身份证件来领。领取时间：{hours}。不方便来可以打电话。查看进度：{url}[ 咨询电话：{phone}]",
        places: &[NUMBER, may("all", "几件一起领时是“几件都”", ""), PLACE, HOURS, URL, SITE, PHONE],
    },
    Template {
        name: "correction_reminder",
        title: "提醒补材料",
        subject: "您的办件还缺材料",
        text: "您的办件 {number} 还缺材料。请按一次性告知书补齐，交到{site}；一直不补，这个办件会结束，以后可以重新申请。查看进度：{url}[ 咨询电话：{phone}]",
        places: &[NUMBER, SITE, URL, HOURS, PHONE],
    },
    Template {
        name: "term_extended",
        title: "办理期限延长了",
        subject: "您的办件延长了办理期限",
        text: "您的办件 {number} 办理期限经批准延长了 {days} 个工作日，理由写在延长办理期限告知书里，可以到{site}领取。查看进度：{url}[ 咨询电话：{phone}]",
        places: &[NUMBER, DAYS, SITE, URL, HOURS, PHONE],
    },
    Template {
        name: "joint_term_extended",
        title: "一件事的办理期限延长了",
        subject: "您的办件延长了办理期限",
        text: "您的办件 {number} 所在的“一件事”办理期限经批准延长了 {days} 个工作日，理由写在延长办理期限告知书里，可以到{site}领取。查看进度：{url}[ 咨询电话：{phone}]",
        places: &[NUMBER, DAYS, SITE, URL, HOURS, PHONE],
    },
    Template {
        name: "promise_extended",
        title: "容缺材料给了新期限",
        subject: "您的办件还缺材料，期限延了一次",
        text: "您的办件 {number} 答应补的材料到期没有补。承办部门同意再延一次，最迟 {due} 补齐，交到{site}；再不补，结果不能给您。查看进度：{url}[ 咨询电话：{phone}]",
        places: &[NUMBER, DUE, SITE, URL, HOURS, PHONE],
    },
    Template {
        name: "application_supplement",
        title: "网上申请预审：还要补",
        subject: "您的网上申请还要补",
        text: "您在网上交的申请 {number}，{site}看过了，还要补一补。请打开网上申请，照着改好再交一次。查看进度：{url}[ 咨询电话：{phone}]",
        places: &[NUMBER, SITE, URL, HOURS, PHONE],
    },
    Template {
        name: "application_ready",
        title: "网上申请预审：过了",
        subject: "您的网上申请预审过了",
        text: "您在网上交的申请 {number} 预审过了。办理时间：{hours}，{place}。要带的材料和查询码在下面的网页上。查看进度：{url}[ 咨询电话：{phone}]",
        places: &[NUMBER, PLACE, HOURS, URL, SITE, PHONE],
    },
    Template {
        name: CASE_NEWS,
        title: "办件有其他进展",
        subject: "您的办件有新进展",
        text: "您在{site}的办件 {number} 有新进展。查看进度：{url}[ 咨询电话：{phone}]",
        places: &[NUMBER, SITE, URL, HOURS, PHONE],
    },
    Template {
        name: "evaluation_replied",
        title: "差评有了答复",
        subject: "您反映的事有答复了",
        text: "您在{site}反映的事有答复了，请看：{url}[ 咨询电话：{phone}]",
        places: &[SITE, URL, PHONE],
    },
    Template {
        name: "complaint_answered",
        title: "投诉有了答复",
        subject: "您的投诉有答复了",
        text: "{site}：投诉 {number} 有答复了，凭编号和查询码看：{url}[ 咨询电话：{phone}]",
        places: &[
            must("number", "投诉编号", "TS20261124-0001"),
            SITE,
            must("url", "查看的网页", "https://zwfw.example.cn/complain/find"),
            PHONE,
        ],
    },
    Template {
        name: "appointment_booked",
        title: "预约好了",
        subject: "约好了",
        text: "约好了：{when}，{site}。{from} 起在取号机上签到，预约码 {short}。改时间、取消：{url}[ 电话：{phone}]",
        places: &[WHEN, SITE, FROM, SHORT, URL, PHONE],
    },
    Template {
        name: "appointment_changed",
        title: "预约改好了",
        subject: "改好了",
        text: "您的预约改到 {when}，{site}。{from} 起在取号机上签到，预约码 {short}。改时间、取消：{url}[ 电话：{phone}]",
        places: &[WHEN, SITE, FROM, SHORT, URL, PHONE],
    },
    Template {
        name: "appointment_reminder",
        title: "提醒来办（预约）",
        subject: "记得来",
        text: "您约了 {when} 到{site}。{from} 起在取号机上签到，预约码 {short}。来不了请取消，让给别人：{url}[ 电话：{phone}]",
        places: &[WHEN, SITE, FROM, SHORT, URL, PHONE],
    },
    Template {
        name: "appointment_closed_day",
        title: "约的那天不开门",
        subject: "这个时间不开放了",
        text: "您约的 {when} 办不了：{site}{reason}。请改个时间或者取消：{url}[ 电话：{phone}]",
        places: &[WHEN, SITE, must("reason", "为什么", "元旦放假"), URL, PHONE],
    },
    Template {
        name: "ticket_near",
        title: "快到号了",
        subject: "{site}：{number}",
        text: "{site}：您的 {number} 号（{place}）{turn}。",
        places: &[
            must("number", "票号", "A001"),
            SITE,
            may("place", "队或窗口", "综合业务"),
            must("turn", "还有几人", "前面还有 3 人，请准备"),
        ],
    },
    Template {
        name: "ticket_called",
        title: "叫到号了",
        subject: "{site}：{number}",
        text: "{site}：{number} 号请到 {window} 号窗口。",
        places: &[must("number", "票号", "A001"), SITE, must("window", "窗口号", "3")],
    },
];

/// The message of a name.
#[must_use]
pub fn template(name: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.name == name)
}
