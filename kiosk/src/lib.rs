//! kiosk.
