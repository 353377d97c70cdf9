//! The gateways by the settings; in the demo what is not configured is simulated.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::settings::Settings;
use super::{EXIT_BAD_INPUT, Failed, failed};
use crate::demo::simulators::{ISSUER, Simulators};
use crate::gateways::{Endpoint, Gateways, HttpLicencePlatform, HttpSms, Messenger, Sink, SinkOnly, SmsSettings, Smtp, WithSink};

fn bad(what: &str, error: impl std::fmt::Display) -> Failed {
    Failed::new(EXIT_BAD_INPUT, format!("设置 {what} 有误：{error}"))
}

/// The gateways that the settings name.
///
/// # Errors
/// Addresses of another form.
pub(super) fn gateways(settings: &Settings) -> Result<Gateways, Failed> {
    let plain: Vec<&str> = settings.plain_hosts.split(',').map(str::trim).filter(|host| !host.is_empty()).collect();
    let mut gateways = Gateways { licence_issuer: settings.licence_issuer.clone(), ..Gateways::default() };
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
        gateways.licences = Some(Arc::new(HttpLicencePlatform::new(endpoint)));
    }
    Ok(gateways)
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
    gateways.email = Some(match gateways.email.take() {
        Some(inner) => Arc::new(WithSink { channel: "email", inner, sink }) as Arc<dyn Messenger>,
        None => Arc::new(SinkOnly { channel: "email", sink }),
    });
    if gateways.sms.is_none() {
        let endpoint = Endpoint::new(&simulators.sms_url(), None, &[]).map_err(failed)?;
        let provider = SmsSettings { body: Settings::default().sms_body, ok_pointer: Some("/code".to_owned()), ok_value: "0".to_owned() };
        gateways.sms = Some(Arc::new(HttpSms::new(endpoint, provider).map_err(failed)?));
    }
    if gateways.licences.is_none() {
        let endpoint = Endpoint::new(&simulators.licence_url(), None, &[]).map_err(failed)?;
        gateways.licences = Some(Arc::new(HttpLicencePlatform::new(endpoint)));
        gateways.licence_issuer.get_or_insert_with(|| ISSUER.to_owned());
    }
    Ok(gateways)
}
