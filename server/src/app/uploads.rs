//! Certificates on their way to the licence platform: what is sent, and what its answer does to the
//! case.

use domain::case::{Case, Certificate, Command, Upload};
use domain::catalogue::CertificateForm;
use domain::ids::is_practice;

use super::App;
use super::error::{Answer, AppError};
use crate::gateways::{Fault, Licence};

/// What is to be done with an upload that is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadErrand {
    /// Send it.
    Send(Box<Licence>),
    /// It cannot be sent.
    Impossible(Fault),
    /// The platform has it, or somebody let it pass.
    Obsolete,
    /// A document of a practice hall: it goes nowhere, and the case goes on as if it had.
    Practised,
}

impl App {
    /// The licence of a certificate that is owed to the platform.
    ///
    /// # Errors
    /// When the case is not there or the store fails.
    pub async fn upload_errand(&self, site_id: &str, case_id: &str, certificate_id: &str, issuer: Option<&str>) -> Answer<UploadErrand> {
        let case = self.case_of_site(site_id, case_id).await?;
        // The licence of a decision that was taken back must not become valid anywhere.
        let wanted = |certificate: &&Certificate| {
            certificate.id.as_str() == certificate_id && certificate.upload == Upload::Pending && !case.is_revoked()
        };
        let Some(certificate) = case.certificate.as_ref().filter(wanted) else { return Ok(UploadErrand::Obsolete) };
        if is_practice(site_id) {
            return Ok(UploadErrand::Practised);
        }
        let impossible = |code: &str| Ok(UploadErrand::Impossible(Fault::lasting(code)));
        let Some(form) = self.certificate_form(&case).await? else { return impossible("no_licence_type") };
        let Some(licence_type) = form.licence_type else { return impossible("no_licence_type") };
        let Some(issuer) = issuer else { return impossible("no_issuer") };
        let holder = self.person_data(site_id, case.applicant.as_str()).await?;
        let (Some(holder_name), Some(holder_id_number)) = (holder.name, holder.id_number) else { return impossible("no_holder") };
        let number = match &certificate.number {
            Some(id) => self.text(site_id, id.as_str()).await?,
            None => String::new(),
        };
        Ok(UploadErrand::Send(Box::new(Licence {
            request_id: certificate_id.to_owned(),
            licence_type,
            issuer: issuer.to_owned(),
            issuer_name: case.matter.department_name.clone(),
            name: form.name,
            number,
            valid_from: certificate.valid_from.map(|date| date.to_string()),
            valid_to: certificate.valid_to.map(|date| date.to_string()),
            holder_name,
            holder_id_type: holder.id_type.unwrap_or_else(|| "resident_id".to_owned()),
            holder_id_number,
        })))
    }

    /// The document that a case ends in, by the version of its matter that the case was opened with, whatever the
    /// catalogue says today; of a claimed matter, the matter above.
    pub(in crate::app) async fn certificate_form(&self, case: &Case) -> Answer<Option<CertificateForm>> {
        let matter = self.catalogue_version(case.site.as_str(), case.matter.id.as_str(), case.matter.version).await?;
        Ok(matter.and_then(|matter| matter.certificate))
    }

    /// Gives the platform's answer to the case. An answer that comes twice, or after somebody let the
    /// document pass, changes nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn upload_ended(&self, site_id: &str, case_id: &str, answer: Result<String, Fault>) -> Answer<()> {
        let command = match answer {
            Ok(identifier) => Command::ConfirmUpload { identifier },
            Err(fault) => Command::FailUpload { failure: fault.code },
        };
        match self.decide_case_as_system(site_id, case_id, command).await {
            Err(AppError::Refused { code, .. }) => {
                tracing::info!(site_id, case_id, code, "an answer of the licence platform came too late");
                Ok(())
            }
            other => other,
        }
    }
}
