//! Citizens and their applications on SQL. Tries and uses of a code are counted by the database itself, so that
//! no two of them count as one.

use async_trait::async_trait;
use domain::time::Millis;

use super::queries::places;
use super::{SqlStore, int, text};
use crate::store::cells::Cell;
use crate::store::ports::{CitizenStore, Stored};
use crate::store::rows::{ApplicationRow, CaseAgentRow, CitizenRow, CitizenSessionRow, SignInCodeRow};

fn bytes(value: &[u8]) -> Cell {
    Cell::Bytes(Some(value.to_vec()))
}

#[async_trait]
impl CitizenStore for SqlStore {
    async fn citizen(&self, id: &str) -> Stored<Option<CitizenRow>> {
        self.first("WHERE id = $1", vec![text(id)]).await
    }

    async fn citizen_by_phone(&self, phone_index: &[u8]) -> Stored<Option<CitizenRow>> {
        self.first("WHERE phone_index = $1", vec![bytes(phone_index)]).await
    }

    async fn sign_in_code(&self, phone_index: &[u8]) -> Stored<Option<SignInCodeRow>> {
        self.first("WHERE phone_index = $1", vec![bytes(phone_index)]).await
    }

    async fn sign_in_code_by_id(&self, id: &str) -> Stored<Option<SignInCodeRow>> {
        self.first("WHERE id = $1", vec![text(id)]).await
    }

    async fn take_try(&self, code_id: &str, tries_max: i64, now: Millis) -> Stored<bool> {
        let sql = "UPDATE citizen_codes SET tries = tries + 1 WHERE id = $1 AND tries < $2 AND expires_at > $3 AND used_at IS NULL";
        Ok(self.run(sql.to_owned(), vec![text(code_id), int(tries_max), int(now)]).await? == 1)
    }

    async fn use_code(&self, code_id: &str, now: Millis) -> Stored<bool> {
        let sql = "UPDATE citizen_codes SET used_at = $2 WHERE id = $1 AND used_at IS NULL";
        Ok(self.run(sql.to_owned(), vec![text(code_id), int(now)]).await? == 1)
    }

    async fn add_citizen_session(&self, session: &CitizenSessionRow) -> Stored<()> {
        self.put(session).await
    }

    async fn citizen_session(&self, token_hash: &[u8]) -> Stored<Option<CitizenSessionRow>> {
        self.first("WHERE token_hash = $1", vec![bytes(token_hash)]).await
    }

    async fn touch_citizen_session(&self, token_hash: &[u8], at: Millis) -> Stored<()> {
        let sql = "UPDATE citizen_sessions SET seen_at = $2 WHERE token_hash = $1";
        self.run(sql.to_owned(), vec![bytes(token_hash), int(at)]).await.map(drop)
    }

    async fn end_citizen_session(&self, token_hash: &[u8]) -> Stored<()> {
        self.run("DELETE FROM citizen_sessions WHERE token_hash = $1".to_owned(), vec![bytes(token_hash)]).await.map(drop)
    }

    async fn forget_sign_ins_before(&self, before: Millis) -> Stored<()> {
        let unused = "DELETE FROM persons WHERE (site_id, id) IN (SELECT site_id, person_id FROM citizen_codes WHERE created_at < $1 \
                      AND person_id NOT IN (SELECT person_id FROM citizens))";
        let statements = [unused, "DELETE FROM citizen_codes WHERE created_at < $1", "DELETE FROM citizen_sessions WHERE created_at < $1"];
        for sql in statements {
            self.run(sql.to_owned(), vec![int(before)]).await?;
        }
        Ok(())
    }

    async fn application(&self, site_id: &str, id: &str) -> Stored<Option<ApplicationRow>> {
        self.first("WHERE site_id = $1 AND id = $2", vec![text(site_id), text(id)]).await
    }

    async fn applications_of(&self, citizen_id: &str) -> Stored<Vec<ApplicationRow>> {
        self.select("WHERE citizen_id = $1 ORDER BY changed_at DESC, id DESC", vec![text(citizen_id)]).await
    }

    async fn applications_left(&self, before: Millis, limit: i64) -> Stored<Vec<ApplicationRow>> {
        let rest = "WHERE step = 'filling' AND changed_at < $1 ORDER BY changed_at, id LIMIT $2";
        self.select(rest, vec![int(before), int(limit)]).await
    }

    async fn applications_at(&self, site_id: &str, steps: &[&str], after: &str, limit: i64) -> Stored<Vec<ApplicationRow>> {
        let rest = format!("WHERE site_id = $1 AND id > $2 AND step IN ({}) ORDER BY id LIMIT $3", places(4, steps.len()));
        let mut params = vec![text(site_id), text(after), int(limit)];
        params.extend(steps.iter().map(|step| text(step)));
        self.select(&rest, params).await
    }

    async fn cases_of_agent(&self, phone_index: &[u8]) -> Stored<Vec<CaseAgentRow>> {
        self.select("WHERE phone_index = $1 ORDER BY given_at DESC, case_id", vec![bytes(phone_index)]).await
    }
}
