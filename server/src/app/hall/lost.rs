//! A lost slip found again: by the code on it, by the phone or by the document given when the number was
//! taken; and its slip printed once more, marked 补打.
//!
//! Numbers of persons are looked up by their blind index and answered with places in the queue only:
//! no name, and no tracking code, which would open the whole timeline. A device has few wrong tries;
//! staff are known by name.

use std::collections::BTreeSet;

use domain::codes::{SHORT_CODE_CHARS, TRACKING_CODE_CHARS, normal_code};
use domain::hall::Ticket;
use domain::ids::TicketId;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::answer::ticket_view;
use super::print::ticket_slip;
use super::tickets::reason;
use crate::app::App;
use crate::app::caller::{Caller, Permit};
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::app::retry::{Outcome, Retry};

/// What a machine writes into the log as the reason of a copy.
const ASKED_AT_KIOSK: &str = "群众在取号机上找回";

/// Body of `POST /sites/{site}/tickets/find`: one of the four.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FindTicketsRequest {
    /// The whole number of an identity document, typed or read.
    pub id_number: Option<String>,
    /// The whole phone number.
    pub phone: Option<String>,
    /// The short code beside the slip's QR code.
    pub short_code: Option<String>,
    /// The code in the slip's QR code.
    pub tracking_code: Option<String>,
}

/// A number that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the fields are those of a ticket")]
pub struct FoundTicketView {
    pub id: String,
    pub number: String,
    pub line_name: String,
    #[schema(value_type = crate::app::words::TicketState)]
    pub state: String,
    /// Tickets that will be called before; null unless it waits.
    pub ahead: Option<u32>,
    /// The rest of the wait in seconds, about; null unless it waits.
    pub estimated_wait_s: Option<u32>,
    /// The same when it goes well; null unless it waits.
    pub estimated_wait_optimistic_s: Option<u32>,
    /// The window it is called to or served at.
    pub window_number: Option<u16>,
    pub issued_at: String,
}

/// Numbers that were found, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FoundTicketsView {
    /// At least one.
    pub items: Vec<FoundTicketView>,
}

/// How a number is looked for.
enum Wanted {
    ShortCode(String),
    TrackingCode(String),
    Person(Vec<Vec<u8>>),
}

impl App {
    /// Numbers that go on, by what somebody without a slip can tell.
    ///
    /// # Errors
    /// Field errors; 404 when there is none; for a device too many after five of them.
    pub async fn find_tickets(&self, permit: &Permit, request: &FindTicketsRequest) -> Answer<FoundTicketsView> {
        let (key, now) = (format!("lost {}", permit.caller().actor()), self.now());
        let is_device = matches!(permit.caller(), Caller::Device(_));
        if is_device {
            self.throttle.check(&key, now)?;
        }
        let wanted = self.looked_for(request)?;
        let hall = self.hall(permit.site_id()).await?;
        let mut holders = BTreeSet::new();
        if let Wanted::Person(indexes) = &wanted {
            for index in indexes {
                holders.extend(self.stores.persons.persons_by_index(permit.site_id(), index).await?.into_iter().map(|row| row.id));
            }
        }
        let is_wanted = |ticket: &&Ticket| match &wanted {
            Wanted::ShortCode(code) => ticket.short_code == *code,
            Wanted::TrackingCode(code) => ticket.tracking_code == *code,
            Wanted::Person(_) => ticket.holder.as_ref().is_some_and(|holder| holders.contains(holder.as_str())),
        };
        let mut found: Vec<&Ticket> = hall.tickets().filter(is_wanted).collect();
        if found.is_empty() {
            if is_device {
                self.throttle.wrong(&key, now);
            }
            return Err(AppError::NotFound);
        }
        found.sort_by(|one, other| (other.issued_at, &other.id).cmp(&(one.issued_at, &one.id)));
        let items = found.into_iter().map(|ticket| {
            let view = ticket_view(&hall, ticket);
            let waits = view.state == "waiting";
            FoundTicketView {
                id: view.id,
                number: view.number,
                line_name: view.line_name,
                state: view.state,
                ahead: waits.then_some(view.ahead),
                estimated_wait_s: waits.then_some(view.estimated_wait_s),
                estimated_wait_optimistic_s: waits.then_some(view.estimated_wait_optimistic_s),
                window_number: view.window_number,
                issued_at: view.issued_at,
            }
        });
        Ok(FoundTicketsView { items: items.collect() })
    }

    fn looked_for(&self, request: &FindTicketsRequest) -> Answer<Wanted> {
        let mut errors = FieldErrors::default();
        let FindTicketsRequest { id_number, phone, short_code, tracking_code } = request;
        let wanted = match (id_number, phone, short_code, tracking_code) {
            (Some(_), None, None, None) | (None, Some(_), None, None) => {
                Some(Wanted::Person(self.person_indexes(id_number.as_deref(), phone.as_deref(), &mut errors)))
            }
            (None, None, Some(code), None) => {
                errors.some(normal_code(code, SHORT_CODE_CHARS), "short_code", "form", "小票上的码是 8 位").map(Wanted::ShortCode)
            }
            (None, None, None, Some(code)) => errors
                .some(normal_code(code, TRACKING_CODE_CHARS), "tracking_code", "form", "二维码里的码是 16 位")
                .map(Wanted::TrackingCode),
            _ => errors.some(None, "phone", "one_of", "电话、证件号码、小票上的码，选一样"),
        };
        errors.check()?;
        wanted.ok_or(AppError::NotFound)
    }

    /// Prints the slip of a number that goes on once more. Staff say why; at most five copies of one
    /// number in a quarter of an hour.
    ///
    /// # Errors
    /// Field errors, an unknown ticket; `slip_out_of_date` for one that ended; too many copies.
    pub async fn print_ticket_again(
        &self,
        permit: &Permit,
        ticket_id: &TicketId,
        why: Option<&str>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let site_id = permit.site_id();
        let copies = format!("copies {ticket_id}");
        let outcome = self
            .once(site_id, retry, || async {
                let is_staff = permit.staff().is_some();
                let why = reason("reason", why, is_staff)?.unwrap_or_else(|| ASKED_AT_KIOSK.to_owned());
                let hall = self.hall(site_id).await?;
                let Some(ticket) = hall.ticket(ticket_id) else {
                    self.stores.halls.ticket(site_id, ticket_id.as_str()).await?.ok_or(AppError::NotFound)?;
                    return Err(AppError::refused("slip_out_of_date", "这个号已经办完或作废，不用补打"));
                };
                self.throttle.check(&copies, self.now())?;
                let slip = ticket_slip(&hall, ticket, &self.directory.get(), &self.settings.public_url)?.marked_reprint();
                self.slip_again(permit, &slip, json!({ "ticket": ticket_id }), &why)
            })
            .await?;
        if outcome.status == 201 && !outcome.replayed {
            self.throttle.wrong(&copies, self.now());
        }
        Ok(outcome)
    }
}
