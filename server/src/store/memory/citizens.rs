//! Citizens and their applications in memory.

use async_trait::async_trait;
use domain::time::Millis;

use super::MemoryStore;
use crate::store::ports::{CitizenStore, Stored};
use crate::store::rows::{ApplicationRow, CaseAgentRow, CitizenRow, CitizenSessionRow, PersonRow, SignInCodeRow};

#[async_trait]
impl CitizenStore for MemoryStore {
    async fn citizen(&self, id: &str) -> Stored<Option<CitizenRow>> {
        self.first(|row: &CitizenRow| row.id == id)
    }

    async fn citizen_by_phone(&self, phone_index: &[u8]) -> Stored<Option<CitizenRow>> {
        self.first(|row: &CitizenRow| row.phone_index == phone_index)
    }

    async fn sign_in_code(&self, phone_index: &[u8]) -> Stored<Option<SignInCodeRow>> {
        self.first(|row: &SignInCodeRow| row.phone_index == phone_index)
    }

    async fn sign_in_code_by_id(&self, id: &str) -> Stored<Option<SignInCodeRow>> {
        self.first(|row: &SignInCodeRow| row.id == id)
    }

    async fn take_try(&self, code_id: &str, tries_max: i64, now: Millis) -> Stored<bool> {
        let is_good = |row: &SignInCodeRow| row.id == code_id && row.tries < tries_max && row.expires_at > now && row.used_at.is_none();
        let taken = self.change(is_good, |_| (), |row: &mut SignInCodeRow| row.tries += 1)?;
        Ok(!taken.is_empty())
    }

    async fn use_code(&self, code_id: &str, now: Millis) -> Stored<bool> {
        let is_unused = |row: &SignInCodeRow| row.id == code_id && row.used_at.is_none();
        Ok(!self.change(is_unused, |_| (), |row: &mut SignInCodeRow| row.used_at = Some(now))?.is_empty())
    }

    async fn add_citizen_session(&self, session: &CitizenSessionRow) -> Stored<()> {
        self.put(session);
        Ok(())
    }

    async fn citizen_session(&self, token_hash: &[u8]) -> Stored<Option<CitizenSessionRow>> {
        self.first(|row: &CitizenSessionRow| row.token_hash == token_hash)
    }

    async fn touch_citizen_session(&self, token_hash: &[u8], at: Millis) -> Stored<()> {
        let is_it = |row: &CitizenSessionRow| row.token_hash == token_hash;
        self.change(is_it, |_| (), |row: &mut CitizenSessionRow| row.seen_at = at).map(drop)
    }

    async fn end_citizen_session(&self, token_hash: &[u8]) -> Stored<()> {
        self.remove(|row: &CitizenSessionRow| row.token_hash == token_hash).map(drop)
    }

    async fn forget_sign_ins_before(&self, before: Millis) -> Stored<()> {
        let known: Vec<String> = self.select(|_: &CitizenRow| true)?.into_iter().map(|row| row.person_id).collect();
        let old = self.remove(|row: &SignInCodeRow| row.created_at < before)?;
        let is_unused = |row: &PersonRow| {
            old.iter().any(|code| (&code.site_id, &code.person_id) == (&row.site_id, &row.id)) && !known.contains(&row.id)
        };
        self.remove(is_unused)?;
        self.remove(|row: &CitizenSessionRow| row.created_at < before).map(drop)
    }

    async fn application(&self, site_id: &str, id: &str) -> Stored<Option<ApplicationRow>> {
        self.first(|row: &ApplicationRow| row.site_id == site_id && row.id == id)
    }

    async fn applications_of(&self, citizen_id: &str) -> Stored<Vec<ApplicationRow>> {
        let mut rows = self.select(|row: &ApplicationRow| row.citizen_id == citizen_id)?;
        rows.sort_by(|one, other| (other.changed_at, &other.id).cmp(&(one.changed_at, &one.id)));
        Ok(rows)
    }

    async fn applications_left(&self, before: Millis, limit: i64) -> Stored<Vec<ApplicationRow>> {
        let mut rows = self.select(|row: &ApplicationRow| row.step == "filling" && row.changed_at < before)?;
        rows.sort_by(|one, other| (one.changed_at, &one.id).cmp(&(other.changed_at, &other.id)));
        rows.truncate(usize::try_from(limit).unwrap_or(0));
        Ok(rows)
    }

    async fn applications_at(&self, site_id: &str, steps: &[&str], after: &str, limit: i64) -> Stored<Vec<ApplicationRow>> {
        let is_wanted = |row: &ApplicationRow| row.site_id == site_id && row.id.as_str() > after && steps.contains(&row.step.as_str());
        let mut rows = self.select(is_wanted)?;
        rows.sort_by(|one, other| one.id.cmp(&other.id));
        rows.truncate(usize::try_from(limit).unwrap_or(0));
        Ok(rows)
    }

    async fn cases_of_agent(&self, phone_index: &[u8]) -> Stored<Vec<CaseAgentRow>> {
        let mut rows = self.select(|row: &CaseAgentRow| row.phone_index == phone_index)?;
        rows.sort_by(|one, other| (other.given_at, &one.case_id).cmp(&(one.given_at, &other.case_id)));
        Ok(rows)
    }
}
