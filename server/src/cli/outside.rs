//! The gateways by the settings; in the demo what is not configured is simulated.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::settings::Settings;
use super::{EXIT_BAD_INPUT, Failed, failed};
use crate::demo::simulators::{ISSUER, LICENCE_SECRET, Simulators};
use crate::demo::upper::{SECRET, UpperSimulator};
use crate::gateways::{
    Endpoint, Gateways, HttpLicencePlatform, HttpSms, HttpUpperPlatform, IdentityPlatform, Messenger, OidcPlatform, OidcSettings, Sink,
    SinkOnly, SmsSettings, Smtp, Webhook, Wechat, WechatSettings, WithSink,
};

fn bad(what: &str, error: impl std::fmt::Display) -> Failed {
    Failed::new(EXIT_BAD_INPUT, format!("设置 {what} 有误：{error}"))
}

/// The gateways that the settings name.
///
/// # Errors
/// Addresses of another form.
pub(super) fn gateways(settings: &Settings) -> Result<Gateways, Failed> {
    let plain: Vec<&str> = settings.plain_hosts.split(',').map(str::trim).filter(|host| !host.is_empty()).collect();
    let mut gateways =
        Gateways { licence_issuer: settings.licence_issuer.clone(), per_minute: settings.per_minute()?, ..Gateways::default() };
    let endpoint = |url: &str, name: &str| Endpoint::new(url, None, &plain).map_err(|error| bad(name, error));
    let secret =
        |secret: &Option<String>, name: &str| secret.clone().filter(|secret| !secret.is_empty()).ok_or_else(|| bad(name, "和地址一起设置"));
    if let Some(url) = &settings.smtp_url {
        gateways.email = Some(Arc::new(Smtp::new(url, &settings.mail_from, &plain).map_err(|error| bad("smtp_url", error))?));
    }
    if let Some(url) = &settings.sms_url {
        let endpoint = Endpoint::new(url, settings.sms_token.clone(), &plain).map_err(|error| bad("sms_url", error))?;
        let provider = SmsSettings {
            body: settings.sms_body.clone(),
            ok_pointer: settings.sms_ok_pointer.clone(),
            ok_value: settings.sms_ok_value.clone(),
        };
        gateways.sms = Some(Arc::new(HttpSms::new(endpoint, provider).map_err(|error| bad("sms_body", error))?));
    }
    if let Some(url) = &settings.licence_url {
        let endpoint = Endpoint::new(url, settings.licence_token.clone(), &plain).map_err(|error| bad("licence_url", error))?;
        let secret = secret(&settings.licence_secret, "licence_secret")?;
        gateways.licences = Some(Arc::new(HttpLicencePlatform::new(endpoint, &secret)));
    }
    if let Some(url) = &settings.upstream_url {
        let secret = secret(&settings.upstream_secret, "upstream_secret")?;
        gateways.upper = Some(Arc::new(HttpUpperPlatform::new(endpoint(url, "upstream_url")?, &secret)));
    }
    if let Some(url) = &settings.webhook_url {
        let secret = secret(&settings.webhook_secret, "webhook_secret")?;
        gateways.webhook = Some(Arc::new(Webhook::new(endpoint(url, "webhook_url")?, &secret)));
    }
    if let Some(app_id) = &settings.wechat_app_id {
        let account = WechatSettings {
            app_id: app_id.clone(),
            secret: secret(&settings.wechat_secret, "wechat_secret")?,
            body: settings.wechat_body.clone(),
        };
        let account = Wechat::new(endpoint(&settings.wechat_url, "wechat_url")?, account).map_err(|error| bad("wechat_body", error))?;
        gateways.wechat = Some(Arc::new(account));
    }
    Ok(gateways)
}

/// The identity platform that the settings name, which sends browsers back to this service's own address.
///
/// # Errors
/// Addresses of another form; a platform without the name and secret of this service there.
pub(super) fn identity(settings: &Settings, public_url: &str) -> Result<Option<Arc<dyn IdentityPlatform>>, Failed> {
    let Some(issuer) = settings.oidc_issuer.clone().filter(|issuer| !issuer.is_empty()) else { return Ok(None) };
    let wanted =
        |value: &Option<String>, name: &str| value.clone().filter(|value| !value.is_empty()).ok_or_else(|| bad(name, "和地址一起设置"));
    let plain: Vec<&str> = settings.plain_hosts.split(',').map(str::trim).filter(|host| !host.is_empty()).collect();
    let platform = OidcSettings {
        issuer,
        client_id: wanted(&settings.oidc_client_id, "oidc_client_id")?,
        client_secret: wanted(&settings.oidc_client_secret, "oidc_client_secret")?,
        scopes: settings.oidc_scopes.split_whitespace().map(str::to_owned).collect(),
        redirect_url: format!("{public_url}/api/v1/citizens/identity/back"),
        label: settings.oidc_label.clone(),
        phone_claim: settings.oidc_phone_claim.clone(),
        name_claim: settings.oidc_name_claim.clone(),
        id_number_claim: settings.oidc_id_number_claim.clone(),
    };
    let platform = OidcPlatform::new(platform, &plain).map_err(|error| bad("oidc_issuer", error))?;
    Ok(Some(Arc::new(platform)))
}

/// The demo's: what is not configured goes to simulators in this process, and every message also
/// lies in `messages/` beside the data.
///
/// # Errors
/// No free port, a folder that cannot be made.
pub(super) async fn demo_gateways(settings: &Settings, ends: &CancellationToken) -> Result<Gateways, Failed> {
    let mut gateways = gateways(settings)?;
    let sink = Sink::new(&settings.data.join("messages")).map_err(failed)?;
    let simulators = Simulators::start(Some(sink.clone()), ends.clone()).await.map_err(failed)?;
    let kept = |channel: &'static str, inner: Option<Arc<dyn Messenger>>| {
        let sink = sink.clone();
        Some(match inner {
            Some(inner) => Arc::new(WithSink { channel, inner, sink }) as Arc<dyn Messenger>,
            None => Arc::new(SinkOnly { channel, sink }),
        })
    };
    gateways.email = kept("email", gateways.email.take());
    gateways.wechat = kept("wechat", gateways.wechat.take());
    gateways.webhook = kept("webhook", gateways.webhook.take());
    if gateways.upper.is_none() {
        let upper = UpperSimulator::start(ends.clone()).await.map_err(failed)?;
        let endpoint = Endpoint::new(&upper.url(), None, &[]).map_err(failed)?;
        gateways.upper = Some(Arc::new(HttpUpperPlatform::new(endpoint, SECRET)));
    }
    if gateways.sms.is_none() {
        let endpoint = Endpoint::new(&simulators.sms_url(), None, &[]).map_err(failed)?;
        let provider = SmsSettings { body: Settings::default().sms_body, ok_pointer: Some("/code".to_owned()), ok_value: "0".to_owned() };
        gateways.sms = Some(Arc::new(HttpSms::new(endpoint, provider).map_err(failed)?));
    }
    if gateways.licences.is_none() {
        let endpoint = Endpoint::new(&simulators.licence_url(), None, &[]).map_err(failed)?;
        gateways.licences = Some(Arc::new(HttpLicencePlatform::new(endpoint, LICENCE_SECRET)));
        gateways.licence_issuer.get_or_insert_with(|| ISSUER.to_owned());
    }
    Ok(gateways)
}
