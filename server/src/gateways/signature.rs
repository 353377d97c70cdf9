//! Requests that say who sent them: HMAC-SHA-256 over time, id and body. A receiver that knows the secret can tell
//! a forged, a changed and an old request (docs/webhook.md).

use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::HEXLOWER;
use ring::hmac;

/// Unix time of the signature, in seconds.
pub const TIMESTAMP_HEADER: &str = "X-Yichuang-Timestamp";
/// The signature.
pub const SIGNATURE_HEADER: &str = "X-Yichuang-Signature";
/// Names the form of the signature, so that another can stand beside it.
const FORM: &str = "v1=";
/// How far a receiver's clock may be from ours, in seconds.
const SKEW_S_MAX: i64 = 300;

/// A secret shared with a receiver.
#[derive(Clone)]
pub struct Signer(hmac::Key);

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(…)")
    }
}

/// What is signed: `timestamp.id.body`.
fn signed(timestamp: &str, id: &str, body: &str) -> String {
    format!("{timestamp}.{id}.{body}")
}

impl Signer {
    /// A signer with a secret.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()))
    }

    /// The signature of a request at an instant (Unix seconds).
    #[must_use]
    pub fn sign(&self, timestamp_s: i64, id: &str, body: &str) -> String {
        let tag = hmac::sign(&self.0, signed(&timestamp_s.to_string(), id, body).as_bytes());
        format!("{FORM}{}", HEXLOWER.encode(tag.as_ref()))
    }

    /// The headers of a request that is sent now.
    #[must_use]
    pub fn headers(&self, id: &str, body: &str) -> [(&'static str, String); 2] {
        let now_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
        [(TIMESTAMP_HEADER, now_s.to_string()), (SIGNATURE_HEADER, self.sign(now_s, id, body))]
    }

    /// Whether a request bears a signature of this secret, made within five minutes of `now_s`.
    #[must_use]
    pub fn is_genuine(&self, now_s: i64, timestamp: &str, signature: &str, id: &str, body: &str) -> bool {
        let is_fresh = timestamp.parse::<i64>().is_ok_and(|at| (now_s - at).abs() <= SKEW_S_MAX);
        let tag = signature.strip_prefix(FORM).and_then(|hex| HEXLOWER.decode(hex.as_bytes()).ok());
        is_fresh && tag.is_some_and(|tag| hmac::verify(&self.0, signed(timestamp, id, body).as_bytes(), &tag).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_good_for_its_request_and_its_time() {
        let signer = Signer::new("秘密");
        let made = signer.sign(1_000, "n_dc_1", "{\"a\":1}");
        let genuine = |now, timestamp: &str, id: &str, body: &str| signer.is_genuine(now, timestamp, &made, id, body);
        assert!(genuine(1_000, "1000", "n_dc_1", "{\"a\":1}") && genuine(1_300, "1000", "n_dc_1", "{\"a\":1}"));
        assert!(!genuine(1_301, "1000", "n_dc_1", "{\"a\":1}"), "too old");
        assert!(!genuine(1_000, "1001", "n_dc_1", "{\"a\":1}"), "another time");
        assert!(!genuine(1_000, "1000", "n_dc_2", "{\"a\":1}"), "another request");
        assert!(!genuine(1_000, "1000", "n_dc_1", "{\"a\":2}"), "changed");
        assert!(!Signer::new("别的").is_genuine(1_000, "1000", &made, "n_dc_1", "{\"a\":1}"), "another secret");
        for wrong in ["", "v1=", "v1=zz", made.trim_start_matches("v1=")] {
            assert!(!signer.is_genuine(1_000, "1000", wrong, "n_dc_1", "{\"a\":1}"), "{wrong}");
        }
    }

    /// The example of docs/webhook.md, so that a receiver's author can check his own code against it.
    #[test]
    fn the_example_of_the_documentation_holds() {
        assert_eq!(Signer::new("test-secret").sign(1_795_485_600, "n_dc_1", "{\"id\":\"n_dc_1\"}"), EXAMPLE);
    }

    const EXAMPLE: &str = "v1=69eac5b6b2776ea19ba05af60051164f16466962653dac8db5b6841e1f75c216";
}
