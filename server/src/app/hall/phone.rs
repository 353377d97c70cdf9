//! Numbers taken with one's own phone, where the site allows it (`taking.phone`, a local rule, off unless
//! set). The same rules as at the kiosk decide; a phone number may take few a day, exactly, over all server
//! processes, and an address only so many in a quarter of an hour.
//!
//! With `reach: hall` a number needs the code that the hall shows: it is made from the site and the
//! time with a key of the service, a new one twice in its lifetime, so nothing is stored, and a picture of
//! it is of no use at home later. How far away somebody is is not checked.

use domain::codes::phone;
use domain::hall::{Actor, Command, NewTicket, PhoneReach, PhoneTickets, Priority};
use domain::time::{MINUTE_MS, Millis, rfc3339};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::desk::{Beside, Wish};
use super::matters::Place;
use super::tickets::{HolderInput, IssueRequest, priority};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::app::once::Turns;
use crate::app::persons::NewPerson;
use crate::app::retry::{Outcome, Retry};
use crate::app::throttle::Throttle;
use crate::store::{CounterRow, Expect};

/// Who stands in the log as having taken the number.
const PHONE: &str = "phone";
/// Numbers of one address in a quarter of an hour; a hall's own network is one address.
const NUMBERS_MAX: u32 = 30;
/// How often a number is decided again when another process gave one to the same phone.
const TRIES_MAX: u32 = 4;
/// Characters of a code: 50 bits.
const CODE_CHARS: usize = 10;

/// What the phones of this process share.
#[derive(Debug)]
pub(crate) struct Phones {
    turns: Turns,
    by_address: Throttle,
}

impl Default for Phones {
    fn default() -> Self {
        Self { turns: Turns::default(), by_address: Throttle::of(NUMBERS_MAX) }
    }
}

/// Whether numbers can be taken with a phone here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PhoneOfferView {
    /// Nobody, whoever scanned the code in the hall, or everybody.
    #[schema(value_type = crate::app::words::PhoneReach)]
    pub reach: String,
    /// Whether the code that came along is good now; true where none is needed.
    pub code_is_good: bool,
    /// Numbers that a phone number may take on one day.
    pub per_phone_and_day: u32,
}

/// The address that a phone opens, for the hall's screens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PhoneCodeView {
    /// The whole address for the QR code; null where the site gives no numbers to phones.
    pub url: Option<String>,
    /// When the next one is shown; null where it never changes.
    pub next_at: Option<String>,
}

/// Body of `POST /phone-tickets`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhoneTicketRequest {
    /// The site.
    pub site_id: String,
    /// The code that the hall showed, where it is needed.
    pub code: Option<String>,
    /// The line, or
    pub line_id: Option<String>,
    /// the matters.
    pub matter_ids: Option<Vec<String>>,
    /// The phone number: the number is found again by it.
    pub phone: String,
    /// `ordinary` or `green`.
    #[schema(value_type = Option<crate::app::words::TicketPriority>)]
    pub priority: Option<String>,
}

impl App {
    /// Whether a phone may take a number, with the code it scanned.
    ///
    /// # Errors
    /// 404.
    pub async fn phone_offer(&self, site_id: &str, code: Option<&str>) -> Answer<PhoneOfferView> {
        self.directory.get().site(site_id)?;
        let rules = self.phone_rules(site_id).await?;
        let reach = match rules.reach {
            PhoneReach::Off => "off",
            PhoneReach::Hall => "hall",
            PhoneReach::Anywhere => "anywhere",
        };
        let code_is_good = rules.reach != PhoneReach::Hall || code.is_some_and(|code| self.is_phone_code(site_id, &rules, code));
        Ok(PhoneOfferView { reach: reach.to_owned(), code_is_good, per_phone_and_day: rules.per_phone_and_day })
    }

    /// The address that the hall shows now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn phone_code(&self, permit: &Permit) -> Answer<PhoneCodeView> {
        let (site_id, rules, now) = (permit.site_id(), self.phone_rules(permit.site_id()).await?, self.now());
        let page = format!("{}/q/{site_id}", self.settings.public_url);
        match rules.reach {
            PhoneReach::Off => Ok(PhoneCodeView { url: None, next_at: None }),
            PhoneReach::Anywhere => Ok(PhoneCodeView { url: Some(page), next_at: None }),
            PhoneReach::Hall => {
                let (turn, turn_ms) = (turn_at(&rules, now), turn_ms(&rules));
                let url = format!("{page}?c={}", self.phone_code_of(site_id, turn));
                Ok(PhoneCodeView { url: Some(url), next_at: Some(rfc3339((turn + 1) * turn_ms)) })
            }
        }
    }

    /// Gives a number to a phone. `address` is who asks.
    ///
    /// # Errors
    /// 404 for an unknown site, field errors, too many from one address; refusals of the rules are outcomes.
    pub async fn take_by_phone(&self, request: &PhoneTicketRequest, address: &str, retry: Option<Retry>) -> Answer<Outcome> {
        let site_id = self.directory.get().site(&request.site_id)?.id.clone();
        self.phones.by_address.check(address, self.now())?;
        if let Some(replayed) = self.replayed(retry.as_ref()).await? {
            return Ok(replayed);
        }
        let rules = self.phone_rules(&site_id).await?;
        let wrong = format!("phone code {address}");
        self.throttle.check(&wrong, self.now())?;
        match rules.reach {
            PhoneReach::Off => return Err(off()),
            PhoneReach::Hall if !request.code.as_deref().is_some_and(|code| self.is_phone_code(&site_id, &rules, code)) => {
                if request.code.is_some() {
                    self.throttle.wrong(&wrong, self.now());
                }
                return Err(AppError::refused("phone_code_old", "码过期了，请再扫一次大厅里的二维码"));
            }
            PhoneReach::Hall | PhoneReach::Anywhere => {}
        }
        let outcome = self.number_for_phone(&site_id, &rules, request, retry).await?;
        if outcome.status == 201 && !outcome.replayed {
            self.phones.by_address.wrong(address, self.now());
        }
        Ok(outcome)
    }

    async fn number_for_phone(
        &self,
        site_id: &str,
        rules: &PhoneTickets,
        request: &PhoneTicketRequest,
        retry: Option<Retry>,
    ) -> Answer<Outcome> {
        let site_key = self.directory.get().site(site_id)?.key.clone();
        let mut errors = FieldErrors::default();
        let wish = IssueRequest { line_id: request.line_id.clone(), matter_ids: request.matter_ids.clone(), ..IssueRequest::default() };
        let place = self.place(site_id, &wish, &mut errors).await?;
        let priority = priority(request.priority.as_deref(), &mut errors);
        let person = match phone(&request.phone) {
            Ok(number) => self.holder(&site_key, &HolderInput { phone: Some(number), ..HolderInput::default() }, &mut errors)?,
            Err(fault) => {
                errors.add("phone", fault.code(), fault.message());
                None
            }
        };
        errors.check()?;
        let (Some(place), Some(person)) = (place, person) else { return Err(AppError::NotFound) };
        let Some(index) = person.row.phone_index.clone() else { return Err(AppError::NotFound) };
        let turn = self.phones.turns.of(site_id);
        let _turn = turn.lock().await;
        for _ in 0..TRIES_MAX {
            if let Some(replayed) = self.replayed(retry.as_ref()).await? {
                return Ok(replayed);
            }
            let counter = format!("phone_numbers {}", self.key_of_today(site_id, &index));
            let taken = self.stores.sites.counter(site_id, &counter).await?;
            if taken >= i64::from(rules.per_phone_and_day) {
                let text = format!("这个手机号今天取了 {taken} 个号，再要请到导办台");
                return self
                    .once(site_id, retry.as_ref(), || std::future::ready(Err(AppError::refused("phone_numbers_used", &text))))
                    .await;
            }
            let wish = self.phone_wish(site_id, &site_key, (&place, priority, &person), &index, (counter, taken), retry.clone());
            match self.halls.submit(wish).await {
                // Another process was faster.
                Err(AppError::Unavailable { code: "store_unavailable", .. }) => {}
                other => return other,
            }
        }
        Err(AppError::Unavailable { code: "busy", message: "现在人太多，请稍等再试" })
    }

    fn phone_wish(
        &self,
        site_id: &str,
        site_key: &str,
        (place, priority, person): (&Place, Priority, &NewPerson),
        index: &[u8],
        (counter, taken): (String, i64),
        retry: Option<Retry>,
    ) -> Wish {
        let fresh = self.fresh_ticket(site_key, place.line_id.clone());
        let ticket = NewTicket {
            also_line_ids: place.also_line_ids.clone(),
            matter_ids: place.matter_ids.clone(),
            priority,
            holder: Some(person.id.clone()),
            phone_left: true,
            // One live ticket of a phone in a line, as for a document.
            ..self.held_by(site_id, index, fresh)
        };
        let count = CounterRow { site_id: site_id.to_owned(), name: counter.clone(), value: taken + 1 };
        Wish {
            site_id: site_id.to_owned(),
            actor: Actor::machine(),
            actor_id: PHONE.to_owned(),
            command: Command::Issue(ticket),
            retry,
            rows: vec![person.row.clone().into(), count.into()],
            beside: Beside { expect: vec![Expect::Counter(counter, taken)], without_slip: true, ..Beside::default() },
        }
    }

    async fn phone_rules(&self, site_id: &str) -> Answer<PhoneTickets> {
        Ok(self.hall(site_id).await?.doc().policy.taking.phone.clone())
    }

    fn phone_code_of(&self, site_id: &str, turn: i64) -> String {
        let index = self.vault.blind_index("phone_code", &format!("{site_id} {turn}"));
        data_encoding::BASE32_NOPAD.encode(&index).chars().take(CODE_CHARS).collect()
    }

    /// Whether a code was shown within its lifetime: in this turn or the one before.
    fn is_phone_code(&self, site_id: &str, rules: &PhoneTickets, code: &str) -> bool {
        let (turn, code) = (turn_at(rules, self.now()), code.trim().to_ascii_uppercase());
        [turn, turn - 1].into_iter().any(|turn| self.phone_code_of(site_id, turn) == code)
    }
}

/// Half the lifetime of a code.
fn turn_ms(rules: &PhoneTickets) -> Millis {
    (Millis::from(rules.code_minutes) * MINUTE_MS / 2).max(1)
}

fn turn_at(rules: &PhoneTickets, now: Millis) -> i64 {
    now.div_euclid(turn_ms(rules))
}

fn off() -> AppError {
    AppError::refused("phone_tickets_off", "这个大厅不能用手机取号，请到取号机或导办台")
}
