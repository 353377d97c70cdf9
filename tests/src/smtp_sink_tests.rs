//! The mail sink against a real mail client (lettre) and against bytes written by hand.

use super::*;
use lettre::message::header::ContentType;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

const TEXT: &str = "您的证照已办好，请到一号窗口领取。\r\n.一行以点开头";

fn message() -> Message {
    Message::builder()
        .from("一窗 <hall@example.org>".parse().unwrap())
        .to("citizen@example.org".parse().unwrap())
        .subject("证照可以领取了：便民服务中心综合受理窗口通知")
        .header(ContentType::TEXT_PLAIN)
        .body(TEXT.to_owned())
        .unwrap()
}

fn client(sink: &SmtpSink) -> AsyncSmtpTransport<Tokio1Executor> {
    AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1").port(sink.address().port()).build()
}

#[tokio::test]
async fn a_mail_is_taken_and_read_back_in_chinese() {
    let sink = SmtpSink::start().await;
    client(&sink).send(message()).await.unwrap();
    let mails = sink.wait_for_mails(1, 1_000).await.unwrap();
    assert_eq!((mails[0].from.as_str(), mails[0].to.as_slice()), ("hall@example.org", &["citizen@example.org".to_owned()][..]));
    assert_eq!(mails[0].header("subject").unwrap(), "证照可以领取了：便民服务中心综合受理窗口通知");
    assert_eq!(mails[0].text().trim_end(), TEXT);
    assert_eq!(sink.connections(), 1);
}

#[tokio::test]
async fn it_misbehaves_once_for_each_order() {
    let sink = SmtpSink::start().await;
    sink.misbehave(&[Misbehaviour::TryLater, Misbehaviour::Refuse, Misbehaviour::DropAfterData, Misbehaviour::Slow { delay_ms: 50 }]);
    let later = client(&sink).send(message()).await.unwrap_err();
    assert!(later.is_transient(), "{later}");
    let refused = client(&sink).send(message()).await.unwrap_err();
    assert!(refused.is_permanent(), "{refused}");
    let dropped = client(&sink).send(message()).await.unwrap_err();
    assert!(!dropped.is_permanent() && !dropped.is_transient(), "{dropped}");
    assert_eq!(sink.mails().len(), 1, "the client cannot know that it was taken");
    client(&sink).send(message()).await.unwrap();
    assert_eq!(sink.mails().len(), 2);
}

#[test]
fn parts_and_encoded_words_are_decoded() {
    let source = "Subject: =?utf-8?B?5Y+356Wo?=\r\n =?utf-8?Q?=E5=88=B0=E5=8F=B7?= A001\r\nContent-Type: multipart/alternative; boundary=\"b1\"\r\n\r\n\
        --b1\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=E5=88=B0=\r\n=E5=8F=B7\r\n--b1--\r\n";
    let mail = Mail { from: String::new(), to: Vec::new(), source: source.to_owned() };
    assert_eq!((mail.header("Subject").unwrap().as_str(), mail.text().trim_end()), ("号票到号 A001", "到号"));
}
