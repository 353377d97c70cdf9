//! How much room is left where the device keeps its data.

use std::io;
use std::path::Path;

/// Below this many bytes a disk is called full: the databases of a device stay far under it.
pub const LOW_BYTES: u64 = 200 * 1024 * 1024;

/// Free bytes of the file system of a folder.
///
/// # Errors
/// It cannot be looked at.
pub fn free_bytes(folder: &Path) -> io::Result<u64> {
    let room = rustix::fs::statvfs(folder)?;
    Ok(room.f_bavail.saturating_mul(room.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_room_and_what_is_none_has_not() {
        assert!(free_bytes(&std::env::temp_dir()).is_ok_and(|free| free > 0));
        assert!(free_bytes(Path::new("/nowhere/at/all")).is_err());
    }
}
