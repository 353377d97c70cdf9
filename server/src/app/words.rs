//! The value lists of the public contract as the OpenAPI document tells them: fields stay texts inside, their
//! schema names the words. No rule lives here; a test compares every list with the rules' own words.

use utoipa::ToSchema;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$on:meta])* $variant:ident)+ })+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, ToSchema)]
            #[serde(rename_all = "snake_case")]
            #[expect(missing_docs, reason = "the words of the contract")]
            pub enum $name { $($(#[$on])* $variant),+ }

            impl $name {
                /// Every word.
                pub const ALL: &[Self] = &[$(Self::$variant),+];
            }
        )+
    };
}

words! {
    /// A role of staff.
    StaffRole { Guide Clerk Approver Leader Issuer Helper Supervisor District Admin It Auditor }
    /// In which way a department lets somebody decide in its name.
    BasisKind { Seconded Authorised Entrusted }
    /// Where a person comes from.
    StaffSource { Centre Seconded Outsourced Village }
    /// Whether a person can use the account today.
    PersonState { InUse NotBegun Ended Stopped }
    /// Why somebody is away.
    LeaveKind { Leave Duty Training }
    /// An item of the appraisal.
    AppraisalItem { Visits Serving Ratings OnTime Attendance }
    /// Who may take a number with a phone.
    PhoneReach { Off Hall Anywhere }
    /// State of a window.
    WindowState { Closed Open Paused }
    /// What a window is for.
    WindowPurpose { General Issue Assist Bundle Green }
    /// Class of a ticket.
    TicketPriority { Ordinary Green }
    /// State of a ticket.
    TicketState { Waiting Called Serving Parked Missed Done Abandoned Expired }
    /// What came of a visit.
    VisitOutcome { Accepted Collected Consulted WrongLine Other }
    /// Why a ticket ended with the day.
    ExpiryCause { UnservedAtClose NotBack }
    /// Whether a matter is decided at the window.
    CaseKind { Instant Promised }
    /// State of a case.
    CaseState { Draft Received Correcting RefusalProposed Accepted InReview Suspended Decided Issued Closed }
    /// How near silence is for what was taken on paper.
    PaperStanding { InTime Pressing Lapsed }
    /// What was decided.
    CaseDecision { Approved ApprovedTolerant Denied }
    /// How a case ended.
    ClosedAs { Finished Refused Withdrawn Revoked Lapsed }
    /// Where the electronic copy of a certificate stands.
    CertificateUpload { NotRequired Pending Confirmed Failed Waived }
    /// Where a certificate is.
    CertificateCustody { Made InTransit InCabinet HandedOver Shipped Delivered Returned }
    /// On which occasion documents are handed on.
    CustodyOccasion { FromDepartment Shift }
    /// Kind of an applicant.
    ApplicantKind { Person Enterprise Institution SocialOrg Agency Other }
    /// Kind of an identity document.
    IdType { ResidentId Uscc Passport HkMacaoPermit TaiwanPermit ForeignPr Other }
    /// How a material was handed in.
    SubmissionStatus { Collected Verified Missing Promised Reused }
    /// How an applicant agreed that what was handed in before counts.
    ConsentWay { Oral Signature Online }
    /// Who collects.
    CollectorRelation { #[serde(rename = "self")] Oneself Agent LegalRepresentative }
    /// What lies in a cabinet.
    DocumentKind { Certificate DecisionNotice }
    /// How urgent a clock is.
    ClockLevel { None Notice Yellow Red }
    /// Way of a message.
    NotifyChannel { Site Sms Wechat Email Phone Webhook Courier }
    /// How a first contact ended, or that an answer is owed.
    FirstContactEnding { Answered Referred Owed Replied }
    /// Where a rating was given.
    EvaluationChannel { Pad Qr Web Mobile Sms Phone Kiosk }
    /// What is rated.
    EvaluationSubject { Visit Case }
    /// Kind of a site.
    SiteKind { DistrictHall Center Station PartnerPoint }
    /// What a material is.
    MaterialKind { Form Licence Proof Paper }
    /// Whether a material stays or is only looked at.
    MaterialKeeping { Collected Verified }
    /// Where a material comes from.
    MaterialSource { Applicant Government ThirdParty }
    /// In which way a site handles a matter from above.
    Delegation { EntrustedAcceptance Authorised Assisted }
    /// How a matter may be applied for.
    HandlingForm { Window Web Mobile Courier Other }
    /// A procedure between acceptance and decision.
    ProcedureKind { Hearing Tender Auction Inspection Testing Quarantine Appraisal ExpertReview SiteSurvey PublicNotice }
    /// A rating.
    Satisfaction { VerySatisfied Satisfied BasicallySatisfied Dissatisfied VeryDissatisfied }
    /// What the verification of a negative rating found.
    EvaluationFinding { Valid Invalid }
    /// What is done about a negative rating.
    EvaluationMeasure { AtOnce WithinLimit Explain }
    /// Where the loop after a negative rating stands.
    FollowUpState { Opened Verified Rectified Replied Closed }
    /// A step of that loop that is owed.
    FollowUpStep { Verify Rectify Reply CallBack FinishRectification DecideAppeal }
    /// How that loop ended.
    FollowUpEnd { Satisfied StillDissatisfied NotReached Anonymous }
    /// What the records say to a reason.
    EvidenceVerdict { Confirmed Open Refuted }
    /// What a complaint is about.
    ComplaintKind { Attitude Slow Materials Fee Refusal Place Other }
    /// Where a complaint stands.
    ComplaintState { Filed Answered Closed }
    /// Where a matter is entered and handled.
    HandledIn { Local Upstream }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "test")]

    use serde::Serialize;
    use serde::de::DeserializeOwned;
    use serde_json::{from_value, to_value};

    use super::*;

    /// Every word is one of the rule's, and no two of them are the same one there.
    fn agree<W: Serialize, R: DeserializeOwned + Serialize>(words: &[W]) {
        for word in words {
            let told = to_value(word).unwrap();
            let rule: R = from_value(told.clone()).unwrap_or_else(|_| panic!("the rules do not know {told}"));
            assert_eq!(to_value(rule).unwrap(), told);
        }
    }

    #[test]
    fn the_words_of_the_contract_are_those_of_the_rules() {
        agree::<_, domain::rights::Role>(StaffRole::ALL);
        agree::<_, domain::case::BasisKind>(BasisKind::ALL);
        agree::<_, domain::people::Source>(StaffSource::ALL);
        agree::<_, domain::people::LeaveKind>(LeaveKind::ALL);
        agree::<_, domain::hall::Priority>(TicketPriority::ALL);
        agree::<_, domain::hall::Outcome>(VisitOutcome::ALL);
        agree::<_, domain::hall::ExpiryCause>(ExpiryCause::ALL);
        agree::<_, domain::hall::Purpose>(WindowPurpose::ALL);
        agree::<_, domain::hall::StateName>(TicketState::ALL);
        agree::<_, domain::case::CaseKind>(CaseKind::ALL);
        agree::<_, domain::catalogue::ApplicantKind>(ApplicantKind::ALL);
        agree::<_, domain::codes::IdType>(IdType::ALL);
        agree::<_, domain::case::SubmissionStatus>(SubmissionStatus::ALL);
        agree::<_, domain::custody::Occasion>(CustodyOccasion::ALL);
        agree::<_, domain::case::DocumentKind>(DocumentKind::ALL);
        agree::<_, domain::case::Relation>(CollectorRelation::ALL);
        agree::<_, domain::case_clock::Level>(ClockLevel::ALL);
        agree::<_, crate::demo::SiteKind>(SiteKind::ALL);
        agree::<_, domain::catalogue::MaterialKind>(MaterialKind::ALL);
        agree::<_, domain::catalogue::MaterialKeeping>(MaterialKeeping::ALL);
        agree::<_, domain::catalogue::MaterialSource>(MaterialSource::ALL);
        agree::<_, domain::catalogue::Delegation>(Delegation::ALL);
        agree::<_, domain::catalogue::HandlingForm>(HandlingForm::ALL);
        agree::<_, domain::case::Procedure>(ProcedureKind::ALL);
        agree::<_, domain::evaluation::Channel>(EvaluationChannel::ALL);
        agree::<_, domain::evaluation::Level>(Satisfaction::ALL);
        agree::<_, domain::evaluation::Finding>(EvaluationFinding::ALL);
        agree::<_, domain::evaluation::LoopState>(FollowUpState::ALL);
        agree::<_, domain::evaluation::Step>(FollowUpStep::ALL);
        agree::<_, domain::evaluation::Closing>(FollowUpEnd::ALL);
        agree::<_, domain::evaluation::Verdict>(EvidenceVerdict::ALL);
        agree::<_, domain::complaint::Kind>(ComplaintKind::ALL);
        agree::<_, domain::complaint::State>(ComplaintState::ALL);
    }
}
