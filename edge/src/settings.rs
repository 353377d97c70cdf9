//! Settings of a device program: defaults, then a TOML file, then the environment, then flags.

use std::{net::SocketAddr, path::PathBuf};

use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    connect::{AddressError, ServerAddress},
    token::Token,
};

/// Flags that every device program has.
#[derive(Debug, Clone, Default, clap::Args, Serialize)]
pub struct DeviceFlags {
    /// 设置文件（TOML）
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// 服务器地址，如 http://127.0.0.1:8080
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// 设备数据目录
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
    /// 设备数据的钥匙文件；不写就是数据目录里的 device.key
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_file: Option<PathBuf>,
    /// 设备令牌（只用于演示；平时用配对码）
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// 8 位配对码，10 分钟内有效，只能用一次
    #[arg(long, value_name = "CODE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pairing_code: Option<String>,
}

/// Flags of the programs with a local page.
#[derive(Debug, Clone, Default, clap::Args, Serialize)]
pub struct PageFlags {
    /// 本机页面的地址，只能是 127.0.0.1；端口 0 表示自动选
    #[arg(long, value_name = "ADDR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
}

/// What every device program works with.
#[derive(Debug, Clone, Deserialize)]
pub struct DeviceSettings {
    /// Address of the server, `http://host:port`.
    pub server: String,
    /// Folder of the spool.
    pub data: PathBuf,
    /// File of the key that seals what is in it; by default it lies in the same folder.
    #[serde(default)]
    pub key_file: Option<PathBuf>,
    /// Token given by the operator.
    #[serde(default)]
    pub token: Option<Token>,
    /// Pairing code given by the operator.
    #[serde(default)]
    pub pairing_code: Option<String>,
}

/// What a local page works with.
#[derive(Debug, Clone, Deserialize)]
pub struct PageSettings {
    /// Loopback address to listen on.
    pub listen: SocketAddr,
}

/// The settings are not usable.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A value is missing or has the wrong shape.
    #[error("设置有误：{0}")]
    Value(Box<figment::Error>),
    /// The server's address.
    #[error("设置有误：server：{0}")]
    Server(#[from] AddressError),
    /// The page would be open to the network.
    #[error("设置有误：listen 只能是本机地址（127.0.0.1），不能是 {0}")]
    NotLoopback(SocketAddr),
}

/// Lays defaults, file, environment (`YICHUANG_<PROGRAM>_…`) and flags over each other.
///
/// # Errors
/// A value is missing or has the wrong shape; the message names it and where it came from.
pub fn layered<T: DeserializeOwned>(
    program: &str,
    config: Option<&PathBuf>,
    defaults: impl Serialize,
    flags: impl Serialize,
) -> Result<T, SettingsError> {
    let mut layers = Figment::from(Serialized::defaults(defaults));
    if let Some(file) = config {
        layers = layers.merge(Toml::file_exact(file));
    }
    let environment = format!("YICHUANG_{}_", program.to_uppercase());
    layers
        .merge(Env::prefixed(&environment))
        .merge(Serialized::defaults(flags))
        .extract()
        .map_err(|error| SettingsError::Value(Box::new(error)))
}

impl DeviceSettings {
    /// The settings of a device program; `data` is by default `yichuang-<program>` in the current folder.
    ///
    /// # Errors
    /// A value is missing or has the wrong shape.
    pub fn load(program: &str, flags: &DeviceFlags) -> Result<Self, SettingsError> {
        let defaults = serde_json::json!({ "server": "http://127.0.0.1:8080", "data": format!("yichuang-{program}") });
        let settings: Self = layered(program, flags.config.as_ref(), defaults, flags)?;
        settings.address()?;
        Ok(settings)
    }

    /// The server's address.
    ///
    /// # Errors
    /// It is not one that this device can use.
    pub fn address(&self) -> Result<ServerAddress, SettingsError> {
        Ok(self.server.parse()?)
    }
}

impl PageSettings {
    /// The settings of a local page.
    ///
    /// # Errors
    /// A value has the wrong shape, or the address is not loopback.
    pub fn load(program: &str, config: Option<&PathBuf>, flags: &PageFlags, default_port: u16) -> Result<Self, SettingsError> {
        let defaults = serde_json::json!({ "listen": SocketAddr::from(([127, 0, 0, 1], default_port)) });
        let settings: Self = layered(program, config, defaults, flags)?;
        if settings.listen.ip().is_loopback() { Ok(settings) } else { Err(SettingsError::NotLoopback(settings.listen)) }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test without its settings has failed")]
    use super::*;

    #[test]
    fn flags_win_over_the_file_and_the_file_over_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kiosk.toml");
        std::fs::write(&file, "server = \"http://10.0.0.1:80\"\ntoken = \"from-file\"\n").unwrap();
        let flags = DeviceFlags { config: Some(file), server: Some("http://10.0.0.2:81".into()), ..DeviceFlags::default() };
        let settings = DeviceSettings::load("kiosk", &flags).unwrap();
        assert_eq!(settings.server, "http://10.0.0.2:81");
        assert_eq!(settings.token, Some(Token::new("from-file")));
        assert_eq!(settings.data, PathBuf::from("yichuang-kiosk"));
        assert!(!format!("{settings:?}").contains("from-file"));
    }

    #[test]
    fn a_missing_file_a_bad_server_and_an_open_page_are_refused() {
        let missing = DeviceFlags { config: Some("/nowhere/x.toml".into()), ..DeviceFlags::default() };
        assert!(matches!(DeviceSettings::load("kiosk", &missing), Err(SettingsError::Value(_))));
        let tls = DeviceFlags { server: Some("https://x".into()), ..DeviceFlags::default() };
        assert!(matches!(DeviceSettings::load("kiosk", &tls), Err(SettingsError::Server(AddressError::Scheme))));
        let open = PageFlags { listen: Some(([0, 0, 0, 0], 80).into()) };
        assert!(matches!(PageSettings::load("kiosk", None, &open, 8091), Err(SettingsError::NotLoopback(_))));
        assert_eq!(PageSettings::load("kiosk", None, &PageFlags::default(), 8091).unwrap().listen, ([127, 0, 0, 1], 8091).into());
    }
}
