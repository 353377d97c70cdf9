//! What each figure means, in words for whoever reads it. The page, the export and the manual show
//! these very words; a test compares the manual.

/// A figure in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition {
    /// Its name in the API.
    pub key: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// How it is made.
    pub text: &'static str,
}

const fn define(key: &'static str, name: &'static str, text: &'static str) -> Definition {
    Definition { key, name, text }
}

/// Every figure of a hall, in the order in which they are shown.
pub const DEFINITIONS: &[Definition] = &[
    define("live_waiting", "正在等", "此刻在等着叫的号，挂起、过号没回来的不算。"),
    define("live_longest", "等得最久", "此刻在等的号里，从取号（下班转来的从开门）到现在最长的一个；窗口转来的从转来时起。"),
    define("live_windows", "窗口开着", "此刻有人、没有暂停的窗口，后面是全部窗口。"),
    define("issued", "取号", "这些天发出的号，不取号直接到窗口的也算。"),
    define(
        "waiting",
        "等候",
        "从取号起，到叫到他为止（补录的纸号从来的时候起，到开始办为止）。等着的时候转到别的队，前后加在一起；在窗口转走的，从转走起另算一次。过号或挂起以后再等的时间不算，没叫到就走了的不算；下班转到第二天的，从第二天开门起算。等 70 分钟就是 70 分钟。",
    ),
    define("way", "路上", "从叫号起，到人来了、窗口按“开始”为止。叫了没来的算过号，不算路上。"),
    define(
        "serving",
        "办理",
        "从窗口按“开始”起，到办完为止，挂起的时间不算，没办完的不算。换过窗口的加在一起；按窗口看，只算最后那个窗口的时间。",
    ),
    define("abandonment", "流失率", "（弃号 ＋ 没轮到 ＋ 没回来）÷（办完 ＋ 弃号 ＋ 没轮到 ＋ 没回来）。还没结束的不算。"),
    define("unserved", "没轮到", "下班时还在等着的：大厅没来得及办。过号、挂起以后已经回来接着等的也算。"),
    define("not_back", "没回来", "下班时还过着号或者挂着的：叫过他，或者办到一半，到下班也没回来。"),
    define("calls", "叫号", "叫了多少次，点名叫的也算，重呼不算。"),
    define("misses", "过号", "叫了没来的次数。过号率是过号 ÷ 叫号。"),
    define("average", "平均", "加起来除以个数，秒以下的零头去掉。"),
    define(
        "percentile",
        "中位数、九成",
        "从短到长排好，取第 ⌈个数×50％⌉ 个和第 ⌈个数×90％⌉ 个：一半的人、九成的人不超过它。取的都是真有的那一个，不推算。",
    ),
    define("by_line", "按队", "等候和叫号算在叫到时的那条队，办完、弃号、没轮到、没回来算在结束时的那条队。"),
    define(
        "by_window",
        "按窗口",
        "等候算在叫到的那个窗口，办理算在办完的那个窗口。叫到以后弃号、没回来的算在最后叫他的那个窗口；还在等着就弃号的、没轮到的不按窗口算，所以各窗口加起来比合计少。流失率是（弃号 ＋ 没回来）÷（办完 ＋ 弃号 ＋ 没回来）。",
    ),
    define(
        "by_hour",
        "按钟点",
        "取号、等候、办完和流失算在来的那个钟点；叫号、过号、路上和办理算在叫号的那个钟点，不叫号的算在开始办理的钟点。",
    ),
    define("by_class", "按类别", "按来的时候算：绿色通道、预约、简事、普通、直接到窗口。后来过号归队或转队，还算原来的类别。"),
    define("appointments", "爽约率", "约在这些天的预约里，没来的 ÷（来取号的 ＋ 没来的）。提前取消的、改到别的时间的、还没到时间的不算。"),
    define("by_day", "按天", "算在取号的那一天，哪怕第二天才办完。"),
    define(
        "satisfaction",
        "满意率",
        "这些天里评价的，非常满意、满意、基本满意的个数 ÷ 全部个数。一次到访、一个办件各算一次，追评过的按追评。没评的不算，不替人评。",
    ),
    define("rated", "评价率", "这些天办完的到访里，到期末以后第 30 天为止评过的 ÷ 办完的。满意率旁边总要写上它。"),
    define(
        "on_time",
        "按时办结率",
        "这些天作出决定的办件里，不晚于承诺最后一天的 ÷ 全部。中止、延长按办件自己的期限算；等下一年节假日安排的不算晚。",
    ),
];
