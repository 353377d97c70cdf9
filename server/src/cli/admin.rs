//! `create-admin`: the first account of a new installation, or another administrator. On empty data
//! it makes the district's site and enters the calendar first.

use std::io::{BufRead, IsTerminal};

use clap::Args;

use super::data::Closed;
use super::settings::{DataFlags, ServeFlags, read};
use super::{EXIT_BAD_INPUT, Failed, failed};
use crate::app::first_steps::{NewAdmin, NewDistrict};

/// Flags of `create-admin`.
#[derive(Debug, Clone, Args)]
pub struct AdminArgs {
    #[command(flatten)]
    data: DataFlags,
    /// 登录名
    #[arg(long)]
    username: String,
    /// 姓名（默认和登录名一样）
    #[arg(long)]
    name: Option<String>,
    /// 属于哪个场所；还没有任何场所时，就建这一个区级大厅
    #[arg(long)]
    site: String,
    /// 新建场所的名称
    #[arg(long)]
    site_name: Option<String>,
    /// 新建场所在编号里的短名，1–8 位小写字母或数字
    #[arg(long)]
    site_key: Option<String>,
}

pub(super) async fn create_admin(args: &AdminArgs) -> Result<(), Failed> {
    let settings = read(&args.data, &ServeFlags::default())?.settings;
    let closed = Closed::take(&settings).await?;
    let password = password()?;
    let district = args.site_name.clone().zip(args.site_key.clone()).map(|(name, key)| NewDistrict { name, key });
    let admin = NewAdmin {
        username: args.username.clone(),
        name: args.name.clone().unwrap_or_else(|| args.username.clone()),
        site_id: args.site.clone(),
        password,
    };
    let done = closed.app.create_admin(admin, district).await;
    closed.store.close().await;
    done.map_err(|error| match &error {
        crate::app::error::AppError::Internal(inside) => failed(inside),
        crate::app::error::AppError::Invalid(fields) => {
            let words: Vec<String> = fields.iter().map(|field| format!("{}：{}", field.field, field.message)).collect();
            Failed::new(EXIT_BAD_INPUT, words.join("；"))
        }
        _ => Failed::new(EXIT_BAD_INPUT, error.message()),
    })?;
    eprintln!("已建好管理员 {}", args.username);
    Ok(())
}

/// From the terminal unseen and twice, or the first line of standard input.
fn password() -> Result<String, Failed> {
    if std::io::stdin().is_terminal() {
        let ask = |words: &str| rpassword::prompt_password(words).map_err(failed);
        let first = ask("密码：")?;
        if ask("再输一次：")? != first {
            return Err(Failed::new(EXIT_BAD_INPUT, "两次输入的密码不一样"));
        }
        return Ok(first);
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(failed)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
