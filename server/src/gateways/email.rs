//! Mails by SMTP. Recipients and subjects that could write head fields of their own are refused
//! before they come near a mail.

use std::time::Duration;

use async_trait::async_trait;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message as Mail, Tokio1Executor};

use super::outgoing::may_be_plain;
use super::{Fault, Message, Messenger};

/// How long one mail may take, in milliseconds.
const MAIL_MS_MAX: u64 = 15_000;

/// Why a mail server cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SmtpFault {
    /// Not a mail server's address.
    #[error("邮件服务器写成 smtps://用户:密码@主机 或 smtp://主机?tls=required")]
    Form,
    /// Plain text to another machine.
    #[error("不加密的 smtp:// 只用于本机；其他主机用 smtps:// 或加上 ?tls=required，专网里的写进 plain_hosts")]
    Plain,
    /// The sender is no address.
    #[error("发件人不是邮件地址")]
    Sender,
}

/// Makes mails from messages.
#[derive(Debug, Clone)]
pub struct Mailer {
    from: Mailbox,
}

impl Mailer {
    /// A mailer with a sender.
    ///
    /// # Errors
    /// When the sender is no address.
    pub fn new(from: &str) -> Result<Self, SmtpFault> {
        if from.chars().any(char::is_control) {
            return Err(SmtpFault::Sender);
        }
        from.parse().map(|from| Self { from }).map_err(|_| SmtpFault::Sender)
    }

    /// The mail of a message.
    ///
    /// # Errors
    /// A recipient or subject that no mail may have.
    pub fn mail(&self, message: &Message) -> Result<Mail, Fault> {
        if message.subject.chars().any(char::is_control) || message.id.chars().any(|c| c.is_control() || "<>@ ".contains(c)) {
            return Err(Fault::lasting("bad_subject"));
        }
        let bad = || Fault::lasting("bad_address");
        // Only a bare address: a mailbox with a name would let a name in.
        let is_bare = !message.to.chars().any(|c| c.is_control() || c.is_whitespace() || "<>,;:\"()[]\\".contains(c));
        let to: Address = if is_bare { message.to.parse().map_err(|_| bad())? } else { return Err(bad()) };
        let domain = self.from.email.domain().to_owned();
        Mail::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(message.subject.clone())
            // The same in every try: a mailbox that got a mail twice can tell.
            .message_id(Some(format!("<{}@{domain}>", message.id)))
            .header(ContentType::TEXT_PLAIN)
            .body(message.text.clone())
            .map_err(|_| Fault::lasting("bad_mail"))
    }
}

/// Mails by SMTP.
#[derive(Debug, Clone)]
pub struct Smtp {
    mailer: Mailer,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl Smtp {
    /// A server at an address such as `smtps://user:password@mail.example.cn`.
    ///
    /// # Errors
    /// When the address has another form, or would send in plain text to another machine.
    pub fn new(url: &str, from: &str, plain_hosts: &[&str]) -> Result<Self, SmtpFault> {
        let mailer = Mailer::new(from)?;
        if url.starts_with("smtp://") && !url.contains("tls=required") && !may_be_plain(host_of(url), plain_hosts) {
            return Err(SmtpFault::Plain);
        }
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| SmtpFault::Form)?
            .timeout(Some(Duration::from_millis(MAIL_MS_MAX)))
            .build();
        Ok(Self { mailer, transport })
    }
}

fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if host.starts_with('[') { host.split_inclusive(']').next().unwrap_or(host) } else { host.split(':').next().unwrap_or(host) }
}

#[async_trait]
impl Messenger for Smtp {
    async fn send(&self, message: &Message) -> Result<(), Fault> {
        let mail = self.mailer.mail(message)?;
        let sending = tokio::time::timeout(Duration::from_millis(MAIL_MS_MAX), self.transport.send(mail));
        match sending.await {
            Ok(Ok(_)) => Ok(()),
            // A code of the server says whether to come again; everything else is the line.
            Ok(Err(error)) if error.is_permanent() => Err(Fault::lasting("smtp_refused")),
            Ok(Err(error)) if error.is_transient() => Err(Fault::passing("smtp_try_later")),
            Ok(Err(_)) => Err(Fault::passing("smtp_broken_off")),
            Err(_) => Err(Fault::passing("timeout")),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn message(to: &str, subject: &str) -> Message {
        Message {
            id: "n_dc_1".to_owned(),
            to: to.to_owned(),
            subject: subject.to_owned(),
            text: "您的办件可以领取了\n.\n".to_owned(),
            link: String::new(),
        }
    }

    #[test]
    fn nobody_writes_head_fields_through_an_address_or_a_subject() {
        let mailer = Mailer::new("一窗 <yichuang@example.cn>").unwrap();
        assert!(mailer.mail(&message("a@b.cn", "领取")).is_ok());
        for to in [
            "a@b.cn\r\nBcc: c@d.cn",
            "a@b.cn\nX: y",
            "a@b.cn, c@d.cn",
            "A <a@b.cn>",
            "a@b.cn>",
            "\"x\\\" y\"@b.cn",
            "a\u{0}@b.cn",
            "",
            "号",
        ] {
            assert_eq!(mailer.mail(&message(to, "领取")).err(), Some(Fault::lasting("bad_address")), "{to:?}");
        }
        assert!(mailer.mail(&message("a@b.cn", "领取\r\nBcc: c@d.cn")).is_err());
        assert_eq!(Mailer::new("a@b.cn\r\nBcc: c@d.cn").err(), Some(SmtpFault::Sender));
    }

    #[test]
    fn mails_leave_this_machine_only_encrypted() {
        assert!(Smtp::new("smtp://127.0.0.1:2525", "a@b.cn", &[]).is_ok());
        assert!(Smtp::new("smtps://me:secret@mail.example.cn", "a@b.cn", &[]).is_ok());
        assert!(Smtp::new("smtp://mail.example.cn:587?tls=required", "a@b.cn", &[]).is_ok());
        assert_eq!(Smtp::new("smtp://mail.example.cn", "a@b.cn", &[]).err(), Some(SmtpFault::Plain));
        assert!(Smtp::new("smtp://10.1.2.3", "a@b.cn", &["10.1.2.3"]).is_ok());
        assert_eq!(Smtp::new("smtp://127.0.0.1@mail.example.cn", "a@b.cn", &[]).err(), Some(SmtpFault::Plain));
        assert_eq!(Smtp::new("mail.example.cn", "a@b.cn", &[]).err(), Some(SmtpFault::Form));
    }
}
