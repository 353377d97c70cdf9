//! Settings of the program: defaults, then the file of `--config`, then `YICHUANG_*`, then flags; each
//! knows where it came from. Secrets are never shown.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use figment::providers::{Env, Format, Serialized, Toml};
use figment::value::{Dict, Map};
use figment::{Figment, Metadata, Profile, Provider, Source};
use serde::{Deserialize, Serialize};

use super::{EXIT_BAD_INPUT, Failed};
use crate::app::{BAG_DAYS, CaseSettings};

const ENV_PREFIX: &str = "YICHUANG_";
/// A template message with a heading, the words and a page behind it; the id of the template is the account's own.
const WECHAT_BODY: &str = r#"{"touser":"{openid}","template_id":"","client_msg_id":"{id}","url":"{link}","data":{"thing1":{"value":"{subject}"},"thing2":{"value":"{text}"}}}"#;
/// Channels that send messages by themselves.
const CHANNELS: [&str; 4] = ["email", "sms", "wechat", "webhook"];
/// The largest file of a case that an operator may allow: each lies in memory while it is taken in.
const ATTACHMENT_MIB_MAX: u16 = 200;
/// Days that can be asked for; ten years are longer than any paper is kept at hand.
const REUSE_DAYS_MAX: u16 = 3650;
/// Longest time after which what a field bag received is still taken in, in days.
const BAG_DAYS_MAX: u16 = 60;

/// Every setting of the program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Data folder.
    pub data: PathBuf,
    /// PostgreSQL address; SQLite in the data folder without one.
    pub database: Option<String>,
    /// Where HTTP is served.
    pub listen: SocketAddr,
    /// Address under which citizens reach the portal.
    pub public_url: Option<String>,
    /// Whether the demo may listen on other addresses than loopback.
    pub public: bool,
    /// Mail server.
    pub smtp_url: Option<String>,
    /// Sender of mails.
    pub mail_from: String,
    /// Address of the SMS provider.
    pub sms_url: Option<String>,
    /// Body of a request to it, JSON with `{phone}`, `{text}` and `{id}` inside strings.
    pub sms_body: String,
    /// Bearer token for it.
    pub sms_token: Option<String>,
    /// Where its answer says whether it went well, as a JSON pointer.
    pub sms_ok_pointer: Option<String>,
    /// What stands there when it did.
    pub sms_ok_value: String,
    /// Address of the licence platform.
    pub licence_url: Option<String>,
    /// Bearer token for it.
    pub licence_token: Option<String>,
    /// The secret that each upload of a licence is signed with.
    pub licence_secret: Option<String>,
    /// 统一社会信用代码 of the issuing authority.
    pub licence_issuer: Option<String>,
    /// Address of the platform of the level above.
    pub upstream_url: Option<String>,
    /// Secret that it shares with us; every request is signed with it.
    pub upstream_secret: Option<String>,
    /// Address of a WeChat service account's interface.
    pub wechat_url: String,
    /// Its AppID; no messages by WeChat without one.
    pub wechat_app_id: Option<String>,
    /// Its AppSecret.
    pub wechat_secret: Option<String>,
    /// The template message, JSON with `{openid}`, `{id}`, `{subject}`, `{text}` and `{link}` inside strings.
    pub wechat_body: String,
    /// Address of a system of the operator's own that takes messages.
    pub webhook_url: Option<String>,
    /// Secret that it shares with us.
    pub webhook_secret: Option<String>,
    /// Address of an identity platform (OpenID Connect) with which citizens can sign in.
    pub oidc_issuer: Option<String>,
    /// This service at the platform.
    pub oidc_client_id: Option<String>,
    /// Its secret.
    pub oidc_client_secret: Option<String>,
    /// What the button says.
    pub oidc_label: String,
    /// What is asked for beside `openid`, by spaces.
    pub oidc_scopes: String,
    /// The claim with the mobile phone.
    pub oidc_phone_claim: String,
    /// The claim with the name.
    pub oidc_name_claim: String,
    /// The claim with the number of the identity card.
    pub oidc_id_number_claim: String,
    /// Messages a minute by channel, as `sms=120,wechat=600`; a channel that is not named has no limit.
    pub messages_per_minute: String,
    /// Hosts, by commas, that may be talked to without encryption, as in a closed network.
    pub plain_hosts: String,
    /// Folder for the daily anchors of the log, best on another machine.
    pub anchor_dir: Option<PathBuf>,
    /// Size of one file of a case, in MiB.
    pub attachment_mib_max: u16,
    /// Size of one film of a guide, in MiB.
    pub film_mib_max: u16,
    /// Days for which a material that was handed in counts for later cases too.
    pub reuse_days: u16,
    /// Days within which what a field bag received must have come in.
    pub bag_days: u16,
    /// Whether a draft of a matter is approved by somebody who wrote nothing of it.
    pub four_eyes: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data: PathBuf::from("yichuang-data"),
            database: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            public: false,
            smtp_url: None,
            mail_from: "yichuang@localhost".to_owned(),
            sms_url: None,
            sms_body: r#"{"id":"{id}","phone":"{phone}","text":"{text}"}"#.to_owned(),
            sms_token: None,
            sms_ok_pointer: None,
            sms_ok_value: "0".to_owned(),
            licence_url: None,
            licence_token: None,
            licence_secret: None,
            licence_issuer: None,
            upstream_url: None,
            upstream_secret: None,
            wechat_url: "https://api.weixin.qq.com".to_owned(),
            wechat_app_id: None,
            wechat_secret: None,
            wechat_body: WECHAT_BODY.to_owned(),
            webhook_url: None,
            webhook_secret: None,
            oidc_issuer: None,
            oidc_client_id: None,
            oidc_client_secret: None,
            oidc_label: "统一身份认证".to_owned(),
            oidc_scopes: "profile phone".to_owned(),
            oidc_phone_claim: "phone_number".to_owned(),
            oidc_name_claim: "name".to_owned(),
            oidc_id_number_claim: "id_number".to_owned(),
            messages_per_minute: String::new(),
            plain_hosts: String::new(),
            anchor_dir: None,
            attachment_mib_max: 20,
            film_mib_max: 50,
            reuse_days: 365,
            bag_days: BAG_DAYS,
            four_eyes: true,
        }
    }
}

/// Names of all settings with what they are for.
const KEYS: &[(&str, &str)] = &[
    ("data", "数据文件夹"),
    ("database", "PostgreSQL 地址，空着就用数据文件夹里的 SQLite"),
    ("listen", "监听地址"),
    ("public_url", "群众打开的网址"),
    ("public", "演示也允许监听外部地址"),
    ("smtp_url", "邮件服务器"),
    ("mail_from", "发件人"),
    ("sms_url", "短信服务地址"),
    ("sms_body", "短信请求内容"),
    ("sms_token", "短信服务令牌"),
    ("sms_ok_pointer", "短信回答里看成功与否的位置"),
    ("sms_ok_value", "短信回答里表示成功的值"),
    ("licence_url", "电子证照平台地址"),
    ("licence_token", "电子证照平台令牌"),
    ("licence_secret", "电子证照平台签名密钥"),
    ("licence_issuer", "发证机关统一社会信用代码"),
    ("upstream_url", "上级平台地址"),
    ("upstream_secret", "和上级平台约定的签名密钥"),
    ("wechat_url", "微信接口地址"),
    ("wechat_app_id", "微信公众号 AppID"),
    ("wechat_secret", "微信公众号 AppSecret"),
    ("wechat_body", "微信模板消息内容"),
    ("webhook_url", "消息平台地址（webhook）"),
    ("webhook_secret", "和消息平台约定的签名密钥"),
    ("oidc_issuer", "统一身份认证平台地址（OpenID Connect）"),
    ("oidc_client_id", "在统一身份认证平台登记的应用标识"),
    ("oidc_client_secret", "在统一身份认证平台登记的应用密钥"),
    ("oidc_label", "登录按钮上平台的名字"),
    ("oidc_scopes", "向统一身份认证平台要哪些信息"),
    ("oidc_phone_claim", "手机号在哪一项"),
    ("oidc_name_claim", "姓名在哪一项"),
    ("oidc_id_number_claim", "身份证号在哪一项"),
    ("messages_per_minute", "各渠道每分钟最多发几条，写成 sms=120,wechat=600"),
    ("plain_hosts", "可以不加密连接的专网主机，用逗号分开"),
    ("anchor_dir", "每天的日志锚点放在哪个文件夹"),
    ("attachment_mib_max", "一份附件最大多少 MB，1 到 200"),
    ("film_mib_max", "办事指南的一段视频最大多少 MB，1 到 200"),
    ("reuse_days", "以前交过的材料多少天里还能用，1 到 3650"),
    ("bag_days", "服务包收的件多少天里要传回来，1 到 60"),
    ("four_eyes", "事项草稿要由没有改过它的另一个人审核"),
];
/// Settings that are shown only as set or not set.
const SECRETS: &[&str] =
    &["sms_token", "licence_token", "licence_secret", "upstream_secret", "wechat_secret", "webhook_secret", "oidc_client_secret"];

/// Which data.
#[derive(Debug, Clone, Default, Args, Serialize)]
pub struct DataFlags {
    /// 配置文件（TOML）
    #[arg(long)]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// 数据文件夹（默认 yichuang-data）
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<PathBuf>,
    /// PostgreSQL 地址；不写就用数据文件夹里的 SQLite
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    database: Option<String>,
}

/// How to serve.
#[derive(Debug, Clone, Default, Args, Serialize)]
pub struct ServeFlags {
    /// 监听地址，端口 0 自动选（默认 127.0.0.1:8080）
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<SocketAddr>,
    /// 群众打开的网址，印在号票的码里
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    public_url: Option<String>,
    /// 演示也允许监听外部地址
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    public: bool,
    /// 邮件服务器，如 smtps://用户:密码@mail.example.cn；smtp:// 只用于本机
    #[arg(long = "smtp")]
    #[serde(skip_serializing_if = "Option::is_none")]
    smtp_url: Option<String>,
    /// 发件人
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    mail_from: Option<String>,
    /// 每天的日志锚点放在哪个文件夹
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    anchor_dir: Option<PathBuf>,
}

impl Settings {
    /// The rules of drafts with what the operator set.
    pub(super) fn drafts(&self) -> domain::catalogue::DraftRules {
        domain::catalogue::DraftRules { four_eyes: self.four_eyes }
    }

    /// Bytes of one film of a guide.
    pub(super) fn film_bytes_max(&self) -> usize {
        usize::from(self.film_mib_max) * 1024 * 1024
    }

    /// Messages a minute by channel.
    ///
    /// # Errors
    /// What is no list of `channel=count`.
    pub(super) fn per_minute(&self) -> Result<std::collections::BTreeMap<String, u32>, Failed> {
        let entry = |text: &str| {
            let (channel, count) = text.split_once('=')?;
            let count = count.trim().parse::<u32>().ok().filter(|count| *count > 0)?;
            CHANNELS.contains(&channel.trim()).then(|| (channel.trim().to_owned(), count))
        };
        let entries = self.messages_per_minute.split(',').map(str::trim).filter(|text| !text.is_empty());
        let wrong =
            || Failed::new(EXIT_BAD_INPUT, "设置 messages_per_minute 有误：写成 sms=120,wechat=600，渠道有 email、sms、wechat、webhook");
        entries.map(|text| entry(text).ok_or_else(wrong)).collect()
    }

    /// The rules of cases with what the operator set.
    pub(super) fn cases(&self) -> CaseSettings {
        let policy = domain::case::Policy { reuse_days_max: u32::from(self.reuse_days), ..domain::case::Policy::default() };
        let attachment_bytes_max = usize::from(self.attachment_mib_max) * 1024 * 1024;
        CaseSettings { policy, attachment_bytes_max, bag_days: i64::from(self.bag_days), ..CaseSettings::default() }
    }
}

/// A provider under a name that `config` can show.
struct Named<P>(&'static str, P);

impl<P: Provider> Provider for Named<P> {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.0)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        self.1.data()
    }
}

/// The settings with their sources.
#[derive(Debug, Clone)]
pub struct Effective {
    /// The values.
    pub settings: Settings,
    figment: Figment,
}

/// Reads the settings.
///
/// # Errors
/// A file that cannot be read, a name that is not known, a value of another kind.
pub fn read(data: &DataFlags, serve: &ServeFlags) -> Result<Effective, Failed> {
    let mut figment = Figment::from(Named("默认", Serialized::defaults(Settings::default())));
    if let Some(file) = &data.config {
        if !file.is_file() {
            return Err(Failed::new(EXIT_BAD_INPUT, format!("没有配置文件 {}", file.display())));
        }
        figment = figment.merge(Toml::file_exact(file));
    }
    let names: Vec<&str> = KEYS.iter().map(|(name, _)| *name).collect();
    figment = figment
        .merge(Named("环境变量", Env::prefixed(ENV_PREFIX).only(&names)))
        .merge(Named("命令行", Serialized::defaults(data)))
        .merge(Named("命令行", Serialized::defaults(serve)));
    match figment.extract::<Settings>() {
        Ok(settings) if !(1..=ATTACHMENT_MIB_MAX).contains(&settings.attachment_mib_max) => {
            Err(Failed::new(EXIT_BAD_INPUT, format!("设置有误：attachment_mib_max 要在 1 到 {ATTACHMENT_MIB_MAX} 之间")))
        }
        Ok(settings) if !(1..=ATTACHMENT_MIB_MAX).contains(&settings.film_mib_max) => {
            Err(Failed::new(EXIT_BAD_INPUT, format!("设置有误：film_mib_max 要在 1 到 {ATTACHMENT_MIB_MAX} 之间")))
        }
        Ok(settings) if !(1..=REUSE_DAYS_MAX).contains(&settings.reuse_days) => {
            Err(Failed::new(EXIT_BAD_INPUT, format!("设置有误：reuse_days 要在 1 到 {REUSE_DAYS_MAX} 之间")))
        }
        Ok(settings) if !(1..=BAG_DAYS_MAX).contains(&settings.bag_days) => {
            Err(Failed::new(EXIT_BAD_INPUT, format!("设置有误：bag_days 要在 1 到 {BAG_DAYS_MAX} 之间")))
        }
        Ok(settings) => settings.per_minute().map(|_| Effective { settings, figment }),
        Err(error) => Err(Failed::new(EXIT_BAD_INPUT, format!("设置有误：{error}"))),
    }
}

impl Effective {
    /// One line a setting: name, value, source. Passwords and tokens are not among it.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let line = |(name, about): &(&str, &str)| {
            let value = self.figment.find_value(name).ok();
            let text = value.as_ref().and_then(shown).unwrap_or_else(|| "（空）".to_owned());
            let text = if SECRETS.contains(name) && text != "（空）" { "******".to_owned() } else { without_password(&text) };
            let source = self.figment.find_metadata(name).map_or_else(|| "默认".to_owned(), |metadata| source(metadata, name));
            format!("{name} = {text}\t# {about}；来自{source}")
        };
        KEYS.iter().map(line).collect()
    }
}

fn shown(value: &figment::value::Value) -> Option<String> {
    use figment::value::{Empty, Value};
    match value {
        Value::String(_, text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Bool(_, flag) => Some(flag.to_string()),
        Value::Empty(_, Empty::None | Empty::Unit) => None,
        Value::Num(_, number) => number.to_i128().map(|number| number.to_string()).or_else(|| Some(format!("{number:?}"))),
        other => Some(format!("{other:?}")),
    }
}

fn source(metadata: &Metadata, name: &str) -> String {
    match &metadata.source {
        Some(Source::File(file)) => format!("文件 {}", file.display()),
        _ if metadata.name == "环境变量" => format!("环境变量 {ENV_PREFIX}{}", name.to_ascii_uppercase()),
        _ => metadata.name.to_string(),
    }
}

/// An address without the password in it.
fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let (authority, tail) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match authority.rsplit_once('@') {
        Some((login, host)) => {
            let user = login.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:******@{host}{tail}")
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_flag_beats_the_file_and_the_file_beats_the_default() {
        let folder = std::env::temp_dir().join(format!("yichuang-settings-{}", std::process::id()));
        std::fs::write(&folder, "listen = \"127.0.0.1:1\"\nmail_from = \"a@b.cn\"\nsmtp_url = \"smtps://me:hush-hush@mail.cn/\"\n")
            .unwrap();
        let data = DataFlags { config: Some(folder.clone()), data: Some("here".into()), database: None };
        let serve = ServeFlags { mail_from: Some("c@d.cn".to_owned()), ..ServeFlags::default() };
        let effective = read(&data, &serve).unwrap();
        let settings = &effective.settings;
        assert_eq!((settings.data.to_str(), settings.listen.port(), settings.mail_from.as_str()), (Some("here"), 1, "c@d.cn"));
        let lines = effective.lines().join("\n");
        assert!(lines.contains("mail_from = c@d.cn\t# 发件人；来自命令行"), "{lines}");
        assert!(lines.contains("smtp_url = smtps://me:******@mail.cn/") && !lines.contains("hush-hush"), "{lines}");
        assert!(lines.contains("；来自文件") && lines.contains("database = （空）"), "{lines}");
        std::fs::write(&folder, "attachment_mib_max = 0\n").unwrap();
        assert_eq!(read(&data, &serve).unwrap_err().code, EXIT_BAD_INPUT);
        std::fs::write(&folder, "film_mib_max = 201\n").unwrap();
        assert_eq!(read(&data, &serve).unwrap_err().code, EXIT_BAD_INPUT);
        std::fs::write(&folder, "reuse_days = 0\n").unwrap();
        assert_eq!(read(&data, &serve).unwrap_err().code, EXIT_BAD_INPUT);
        std::fs::write(&folder, "messages_per_minute = \"sms=120, wechat=600\"\n").unwrap();
        let limits = read(&data, &serve).unwrap().settings.per_minute().unwrap();
        assert_eq!((limits.get("sms"), limits.get("wechat"), limits.len()), (Some(&120), Some(&600), 2));
        for wrong in ["sms", "sms=0", "phone=3", "sms=many"] {
            std::fs::write(&folder, format!("messages_per_minute = \"{wrong}\"\n")).unwrap();
            assert_eq!(read(&data, &serve).unwrap_err().code, EXIT_BAD_INPUT, "{wrong}");
        }
        std::fs::write(&folder, "listne = \"127.0.0.1:1\"\n").unwrap();
        assert_eq!(read(&data, &serve).unwrap_err().code, EXIT_BAD_INPUT);
        std::fs::remove_file(&folder).unwrap();
    }

    #[test]
    fn every_setting_is_listed() {
        let all = serde_json::to_value(Settings::default()).unwrap();
        let names: Vec<String> = all.as_object().unwrap().keys().cloned().collect();
        let mut listed: Vec<&str> = KEYS.iter().map(|(name, _)| *name).collect();
        listed.sort_unstable();
        let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(listed, names);
    }
}
