//! Rights: role × operation → how far (DOMAIN §11). One exhaustive table. Knows nothing of accounts,
//! sessions or routes; a route names the operation it needs.

use serde::{Deserialize, Serialize};

/// A role of DOMAIN §11.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 导办
    Guide,
    /// 窗口
    Clerk,
    /// 审批
    Approver,
    /// 分管领导
    Leader,
    /// 出证
    Issuer,
    /// 帮办
    Helper,
    /// 大厅主管
    Supervisor,
    /// 区政务局
    District,
    /// 系统管理
    Admin,
    /// 运维
    It,
    /// 审计
    Auditor,
}

impl Role {
    /// Every role, in the order of the table's columns.
    pub const ALL: [Self; 11] = [
        Self::Guide,
        Self::Clerk,
        Self::Approver,
        Self::Leader,
        Self::Issuer,
        Self::Helper,
        Self::Supervisor,
        Self::District,
        Self::Admin,
        Self::It,
        Self::Auditor,
    ];

    /// The name in the API and in the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Guide => "guide",
            Self::Clerk => "clerk",
            Self::Approver => "approver",
            Self::Leader => "leader",
            Self::Issuer => "issuer",
            Self::Helper => "helper",
            Self::Supervisor => "supervisor",
            Self::District => "district",
            Self::Admin => "admin",
            Self::It => "it",
            Self::Auditor => "auditor",
        }
    }

    /// Takes the name back; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == text)
    }

    fn column(self) -> usize {
        match self {
            Self::Guide => 0,
            Self::Clerk => 1,
            Self::Approver => 2,
            Self::Leader => 3,
            Self::Issuer => 4,
            Self::Helper => 5,
            Self::Supervisor => 6,
            Self::District => 7,
            Self::Admin => 8,
            Self::It => 9,
            Self::Auditor => 10,
        }
    }
}

/// How far a right reaches; a later one includes an earlier one, `OwnDepartment` stands apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Things of the own department, wherever they were received, under a valid basis.
    OwnDepartment,
    /// Things of the home site.
    OwnSite,
    /// Things of the home site and all sites below it.
    Subtree,
    /// Everything.
    Everywhere,
}

macro_rules! operations {
    ($( $(#[$doc:meta])* $name:ident, $does:ident, [$($cell:ident)*]; )*) => {
        /// An operation that a right is needed for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Operation { $( $(#[$doc])* $name, )* }

        impl Operation {
            /// Every operation.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// What it does to the system.
            #[must_use]
            pub fn effect(self) -> Effect {
                match self { $( Self::$name => Effect::$does, )* }
            }

            const fn row(self) -> [Option<Scope>; 11] {
                match self { $( Self::$name => [$(operations!(@cell $cell)),*], )* }
            }
        }
    };
    (@cell o) => { None };
    (@cell D) => { Some(Scope::OwnDepartment) };
    (@cell S) => { Some(Scope::OwnSite) };
    (@cell T) => { Some(Scope::Subtree) };
    (@cell E) => { Some(Scope::Everywhere) };
}

/// What an operation does; the hard rules speak of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Reads, masked.
    Reads,
    /// Reads personal data unmasked; recorded.
    Reveals,
    /// Takes data out of the system.
    Exports,
    /// Changes something that decides no case.
    Changes,
    /// Decides about a case, or confirms such a decision.
    Decides,
}

// Columns: Guide Clerk Approver Leader Issuer Helper Supervisor District Admin It Auditor.
// o no right · D own department · S own site · T own site and below · E everywhere.
operations! {
    /// Sites, lines, windows, value lists, own session.
    ReadSites, Reads, [E E E E E E E E E E E];
    /// Matters, materials, guides, bundles.
    ReadCatalogue, Reads, [E E E E E E E E E E E];
    /// Working days.
    ReadCalendar, Reads, [E E E E E E E E E E E];
    /// Settings of a site.
    ReadPolicy, Reads, [S S S S S S S T T S T];
    /// Tickets of a hall and its live feed.
    ReadHall, Reads, [S S S S S S S T T S T];
    /// Unmasked holder of a ticket.
    RevealTicket, Reveals, [o S o o S S S o o o o];
    /// Give out a number.
    IssueTicket, Changes, [S S o o S S S o o o o];
    /// Enter a paper number that was given when everything was down.
    EnterPaperNumber, Changes, [S S o o o S S o o o o];
    /// Book, change and cancel for somebody who calls; find and list; masked. Who answers the one number of a district
    /// (一号对外) does so for every site below.
    ManageAppointments, Changes, [T S o o o S S T o o o];
    /// Name and phone of who booked, to call about a day that was closed; recorded.
    RevealAppointment, Reveals, [o S o o o S S T o o o];
    /// Abandon, requeue, transfer, move to top.
    ManageTickets, Changes, [S S o o S S S o o o o];
    /// Open and close a window, call, serve, finish.
    OperateWindow, Changes, [o S o o S S o o o o o];
    /// Do what a stuck window cannot, stop a line, run without keeper.
    SuperviseHall, Changes, [o o o o o o S o o o o];
    /// Find a person by ID number or phone; the answer is masked.
    SearchPersons, Reads, [o S o o S S o o o o o];
    /// Case, clock, documents; masked.
    ReadCase, Reads, [o S D S S S S T o o T];
    /// Unmasked data of a case.
    RevealCase, Reveals, [o S D S S S S o o o o];
    /// Open, fill in, submit, supply.
    RegisterCase, Changes, [o S o o o S o o o o o];
    /// 预审 of online applications.
    PreCheck, Changes, [o S o o o o o o o o o];
    /// 受理 and 容缺受理.
    AcceptCase, Changes, [o S o o o o o o o o o];
    /// 一次性告知.
    RequestCorrection, Changes, [o S o o o o o o o o o];
    /// Leave to go beyond the frozen list.
    CorrectionException, Changes, [o o o o o o S o o o o];
    /// Propose not to accept.
    ProposeRefusal, Changes, [o S o o o o o o o o o];
    /// Confirm or overturn a proposal.
    ConfirmRefusal, Decides, [o o D o o o o o o o o];
    /// 即办件 at the window; needs the personal grant too.
    DecideInstant, Decides, [o S o o o o o o o o o];
    /// Take down the applicant's request to withdraw.
    WithdrawCase, Changes, [o S o o o S o o o o o];
    /// The department's list of work.
    ReadWorklist, Reads, [o o D S o o o o o o o];
    /// Claim, release, delegate.
    ClaimCase, Changes, [o o D o o o o o o o o];
    /// Approve, deny, suspend, resume, extend, return.
    DecideCase, Decides, [o o D o o o o o o o o];
    /// Sign a step before the decision, send it back a step; a leader signs the steps that are a leader's.
    SignStep, Decides, [o o D D o o o o o o o];
    /// Give more days.
    ApproveExtension, Decides, [o o o S o o o o o o o];
    /// Take a decision back.
    RevokeCase, Decides, [o o D o o o o o o o o];
    /// 制证.
    MakeCertificate, Changes, [o o D o S o o o o o o];
    /// Certificates and cabinet.
    ReadCabinet, Reads, [o S D S S o S T o o T];
    /// Receive into a slot, notify, return.
    KeepCabinet, Changes, [o o o o S o o o o o o];
    /// Hand out a notice: of a decision that has no certificate, or a short one of a case on slip paper.
    DeliverNotice, Changes, [o S o o S o o o o o o];
    /// Hand over, ship, confirm delivery.
    HandOver, Changes, [o o o o S o o o o o o];
    /// Try an upload again.
    RetryUpload, Changes, [o o D o S o S o o S o];
    /// Let a document pass without upload.
    WaiveUpload, Changes, [o o o o o o S o o o o];
    /// Messages to applicants; masked.
    ReadNotifications, Reads, [o S D o S o S T o S T];
    /// Try one again or give it up.
    RetryNotification, Changes, [o o o o S o S o o S o];
    /// 帮办: take people's affairs on, visit, hand over; only the own, and for who runs the hall all.
    AssistPeople, Changes, [o o o o o S S o o o o];
    /// Unmasked data of who is helped; recorded.
    RevealAssisted, Reveals, [o o o o o S S o o o o];
    /// 首问 without a ticket, masked.
    ReadFirstContacts, Reads, [S o o o o S S T o o T];
    /// Note one, give the own to a colleague, answer it; for who runs the hall all.
    NoteFirstContact, Changes, [S o o o o S S o o o o];
    /// Unmasked name and phone of who is owed an answer, for whoever owes it; recorded.
    RevealFirstContact, Reveals, [S o o o o S S o o o o];
    /// Figures of a site.
    ReadFigures, Reads, [o o o S o o S T o o T];
    /// Alerts.
    ReadAlerts, Reads, [o o D S o o S T T S T];
    /// Negative evaluations and their loop; never for the judged.
    ReadEvaluations, Reads, [o o o o o o S T o o T];
    /// How the ratings of everybody's visits stand, by name.
    ReadClerkRates, Reads, [o o o o o o S T o o o];
    /// Verify, rectify, reply, call back.
    HandleEvaluation, Changes, [o o o o o o S o o o o];
    /// Appeal of the person judged, and the own ratings without those who gave them.
    AppealEvaluation, Changes, [S S S o S S o o o o o];
    /// Uphold or reject an appeal; never who is judged and never who verified, which is looked at beside.
    DecideAppeal, Changes, [o o o o o o S T o o o];
    /// Unmasked phone of a rater who is to be called; recorded, and never for the judged.
    RevealRater, Reveals, [o o o o o o S o o o o];
    /// Complaints; never for the person complained about.
    ReadComplaints, Reads, [o o o o o o S T o o T];
    /// Answer and close them.
    HandleComplaint, Changes, [o o o o o o S T o o o];
    /// Unmasked phone of who complained; recorded.
    RevealComplainant, Reveals, [o o o o o o S o o o o];
    /// Ledger and other files.
    Export, Exports, [o o o S o o S T o o T];
    /// The improvement plan: ledger, tiers, list of what belongs into the hall.
    ReadPlan, Reads, [o o o S o o T T T o T];
    /// Its tasks, columns, checklists and lists.
    ManagePlan, Changes, [o o o o o o o T T o o];
    /// Report progress; assess the own tier.
    ReportProgress, Changes, [o o o o o o T T o o o];
    /// Confirm a tier that somebody else assessed.
    ConfirmTier, Changes, [o o o o o o o T o o o];
    /// The event log.
    ReadEvents, Reads, [o o o o o o o o o o T];
    /// Devices and their state.
    ReadDevices, Reads, [o o o o o o S T T S T];
    /// Pairing codes, binding, revoking.
    PairDevices, Changes, [o o o o o o o o T S o];
    /// The state of the house: disk, database, backups, keys, what is owed.
    ReadSystem, Reads, [o o o o o o o o E E o];
    /// Print a slip again.
    ReprintSlip, Changes, [S S o o S S S o o S o];
    /// Notices on the boards of a hall, and the message of an emergency.
    WriteBoard, Changes, [o o o o o o S T T S o];
    /// Import and publish matters.
    ImportCatalogue, Changes, [o o o o o o o T T o o];
    /// Write drafts of matters, publish what was approved, take out of force; read versions.
    EditCatalogue, Changes, [o o o o o o o T T o o];
    /// Approve or return a draft that somebody else wrote.
    ReviewCatalogue, Changes, [o o o o o o o T T o o];
    /// Claim a matter of a site above; renew and end the claim.
    ClaimMatter, Changes, [o o o o o o o T T o o];
    /// Load a year of the calendar.
    LoadCalendar, Changes, [o o o o o o o E E o o];
    /// Settings of a site.
    ChangePolicy, Changes, [o o o o o o o T T o o];
    /// Seals that stand on papers: hand them in, look at them, take them away.
    KeepSeals, Changes, [o o o o o o o o T o o];
    /// What the platform above was told, and how that compares.
    ReadReports, Reads, [o o o o o o S T T S T];
    /// Tell it again what it refused, give that up, compare anew.
    RetryReport, Changes, [o o o o o o S o o S o];
    /// Accounts, roles, bases.
    ReadStaff, Reads, [o o o o o o S T T o T];
    /// Accounts, roles, bases.
    ManageStaff, Changes, [o o o o o o o o T o o];
    /// Where people come from and until when, rosters, leaves, trainings, the rules of the appraisal.
    ManagePeople, Changes, [o o o o o o S o T o o];
    /// A new password for one sign-in, of whoever works in the hall alone.
    ResetPassword, Changes, [o o o o o o S o o o o];
    /// Appraisal sheets of everybody of a site.
    ReadAppraisals, Reads, [o o o o o o S T o o o];
    /// Begin to practise in a copy of the hall, and wipe it.
    ManagePractice, Changes, [o o o o o o S T T o o];
    /// Open a site by copying one.
    OpenSite, Changes, [o o o o o o o T T o o];
}

/// How far a role may do an operation; `None` if not at all.
#[must_use]
pub fn allowed(role: Role, operation: Operation) -> Option<Scope> {
    operation.row()[role.column()]
}

/// Every reach that a member of staff has for an operation, by all roles held. Outsourced staff
/// (外包) have no export, whatever their roles.
#[must_use]
pub fn scopes(roles: &[Role], is_outsourced: bool, operation: Operation) -> Vec<Scope> {
    if is_outsourced && operation.effect() == Effect::Exports {
        return Vec::new();
    }
    let mut scopes: Vec<Scope> = roles.iter().filter_map(|role| allowed(*role, operation)).collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

/// Whether one person may hold these roles together. An auditor reads the log of what others did, so an auditor
/// does nothing else (DOMAIN §11: auditors read the log and change nothing).
#[must_use]
pub fn go_together(roles: &[Role]) -> bool {
    !roles.contains(&Role::Auditor) || roles.iter().all(|role| *role == Role::Auditor)
}

/// Whether an operation can be practised: what is done to a hall and its cases can, what reaches beyond them (accounts,
/// the calendar of everybody, the district's plan) cannot.
#[must_use]
pub fn can_be_practised(operation: Operation) -> bool {
    !matches!(
        operation,
        Operation::LoadCalendar
            | Operation::ManageStaff
            | Operation::ManagePeople
            | Operation::ResetPassword
            | Operation::ReadAppraisals
            | Operation::ManagePractice
            | Operation::OpenSite
            | Operation::ManagePlan
            | Operation::ReportProgress
            | Operation::ConfirmTier
            | Operation::KeepSeals
    )
}

/// Whether somebody does nothing but the work of the hall. Only of such a person may a supervisor give out a password:
/// whoever knows the password of an approver or an administrator could do what a supervisor never may.
#[must_use]
pub fn works_in_hall(roles: &[Role]) -> bool {
    roles.iter().all(|role| matches!(role, Role::Guide | Role::Clerk | Role::Issuer | Role::Helper))
}

/// Whether a supervisor may say where somebody comes from and until when: of those above the hall nobody but who
/// manages accounts may, or a contract that is over would lock an administrator out.
#[must_use]
pub fn is_of_hall(roles: &[Role]) -> bool {
    roles.iter().all(|role| *role == Role::Approver || works_in_hall(&[*role]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_supervisor_gets_into_no_account_that_may_more() {
        for role in Role::ALL {
            let may = |operation: &Operation| allowed(role, *operation).is_some();
            let decides = Operation::ALL
                .iter()
                .filter(|operation| **operation != Operation::DecideInstant)
                .any(|operation| may(operation) && matches!(operation.effect(), Effect::Decides));
            let sets_up = may(&Operation::ManageStaff) || may(&Operation::ChangePolicy) || may(&Operation::ReadEvents);
            assert!(!(works_in_hall(&[role]) && (decides || sets_up)), "{role:?}");
        }
        assert!(works_in_hall(&[]) && is_of_hall(&[Role::Approver, Role::Clerk]) && !is_of_hall(&[Role::Clerk, Role::Admin]));
    }

    #[test]
    fn an_auditor_holds_no_other_role() {
        assert!(go_together(&[Role::Auditor]) && go_together(&[Role::Clerk, Role::Issuer]) && go_together(&[]));
        for role in Role::ALL.into_iter().filter(|role| *role != Role::Auditor) {
            assert!(!go_together(&[Role::Auditor, role]), "{role:?}");
        }
    }

    fn operations_of(role: Role) -> impl Iterator<Item = Operation> {
        Operation::ALL.iter().copied().filter(move |operation| allowed(role, *operation).is_some())
    }

    #[test]
    fn names_are_taken_back() {
        for (index, role) in Role::ALL.into_iter().enumerate() {
            assert_eq!(role.column(), index);
            assert_eq!(Role::parse(role.name()), Some(role));
        }
        assert_eq!(Role::parse("root"), None);
    }

    #[test]
    fn a_supervisor_decides_no_case() {
        for role in [Role::Supervisor, Role::District, Role::Admin, Role::It, Role::Auditor, Role::Guide, Role::Helper, Role::Issuer] {
            assert!(operations_of(role).all(|operation| operation.effect() != Effect::Decides), "{role:?}");
        }
        for operation in [Operation::AcceptCase, Operation::ProposeRefusal, Operation::ClaimCase, Operation::WithdrawCase] {
            assert_eq!(allowed(Role::Supervisor, operation), None, "{operation:?}");
        }
    }

    #[test]
    fn an_auditor_reads_the_log_and_changes_nothing() {
        assert!(allowed(Role::Auditor, Operation::ReadEvents).is_some());
        for operation in operations_of(Role::Auditor) {
            assert!(matches!(operation.effect(), Effect::Reads | Effect::Exports), "{operation:?}");
        }
        for role in Role::ALL.into_iter().filter(|role| *role != Role::Auditor) {
            assert_eq!(allowed(role, Operation::ReadEvents), None, "{role:?}");
        }
    }

    #[test]
    fn a_clerk_has_no_right_that_says_no() {
        let deciding: Vec<_> = operations_of(Role::Clerk).filter(|operation| operation.effect() == Effect::Decides).collect();
        assert_eq!(deciding, [Operation::DecideInstant]);
    }

    #[test]
    fn approvers_act_for_their_department_only() {
        for operation in operations_of(Role::Approver).filter(|operation| operation.effect() == Effect::Decides) {
            assert_eq!(allowed(Role::Approver, operation), Some(Scope::OwnDepartment), "{operation:?}");
        }
    }

    #[test]
    fn who_proposes_does_not_confirm_and_who_extends_does_not_approve_it() {
        for role in Role::ALL {
            let may = |operation| allowed(role, operation).is_some();
            assert!(!(may(Operation::ProposeRefusal) && may(Operation::ConfirmRefusal)), "{role:?}");
            assert!(!(may(Operation::DecideCase) && may(Operation::ApproveExtension)), "{role:?}");
            assert!(!(may(Operation::RequestCorrection) && may(Operation::CorrectionException)), "{role:?}");
        }
    }

    #[test]
    fn the_judged_never_see_who_rated() {
        for role in [Role::Guide, Role::Clerk, Role::Approver, Role::Issuer, Role::Helper] {
            assert_eq!(allowed(role, Operation::ReadEvaluations), None, "{role:?}");
        }
    }

    #[test]
    fn outsourced_staff_have_no_export() {
        let all = Role::ALL;
        assert!(!scopes(&all, false, Operation::Export).is_empty());
        for operation in Operation::ALL.iter().filter(|operation| operation.effect() == Effect::Exports) {
            assert!(scopes(&all, true, *operation).is_empty());
        }
        assert_eq!(scopes(&all, true, Operation::IssueTicket), [Scope::OwnSite]);
    }

    #[test]
    fn only_admin_and_it_pair_devices() {
        let pairing: Vec<_> = Role::ALL.into_iter().filter(|role| allowed(*role, Operation::PairDevices).is_some()).collect();
        assert_eq!(pairing, [Role::Admin, Role::It]);
    }

    #[test]
    fn every_operation_is_somebodys() {
        for operation in Operation::ALL {
            assert!(Role::ALL.into_iter().any(|role| allowed(role, *operation).is_some()), "{operation:?}");
        }
    }
}
