//! The routes that take no sign-in, in one place; a route that is not in this list asks who calls.

/// Method and path of every route under `/api/v1` that is open to everybody. Each shows what hangs on
/// the hall's wall anyway (places, lines, matters, working days), or needs a secret of its own: a
/// password, a pairing code, a code sent to a phone, a tracking code, a short or query code with few tries, the code on a paper.
pub const PUBLIC_ROUTES: &[(&str, &str)] = &[
    ("POST", "/sessions"),
    ("GET", "/sites"),
    ("GET", "/sites/{site}"),
    ("GET", "/sites/{site}/logo"),
    ("GET", "/sites/{site}/lines"),
    ("GET", "/sites/{site}/opening-hours"),
    ("GET", "/sites/{site}/matters"),
    ("GET", "/sites/{site}/matter-words"),
    ("GET", "/sites/{site}/bundles"),
    ("GET", "/sites/{site}/lists"),
    ("GET", "/sites/{site}/lists/{list}"),
    ("GET", "/matters/{matter}"),
    ("GET", "/calendar"),
    ("GET", "/sites/{site}/appointment-lines"),
    ("GET", "/sites/{site}/appointment-slots"),
    ("POST", "/appointments"),
    ("GET", "/appointments/by-code/{code}"),
    ("POST", "/appointments/by-code/{code}/change"),
    ("POST", "/appointments/by-code/{code}/cancel"),
    ("GET", "/sites/{site}/phone-tickets"),
    ("POST", "/phone-tickets"),
    ("POST", "/tracking/find"),
    ("GET", "/tracking/{code}"),
    ("GET", "/tracking/{code}/feed"),
    ("POST", "/progress"),
    ("GET", "/verify/{code}"),
    ("POST", "/citizens/codes"),
    ("POST", "/citizens/sessions"),
    ("POST", "/evaluations"),
    ("POST", "/complaints"),
    ("POST", "/complaints/find"),
    ("POST", "/devices/pair"),
];
