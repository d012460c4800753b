//! Is a JPEG file whole? The decoder paints the missing rest of a truncated one grey and
//! reports success.

/// Whether the file's markers (ITU-T T.81, annex B) lead to an end of image. What follows
/// it is not looked at: some cameras append a film there.
pub fn is_reached(bytes: &[u8]) -> bool {
    const END_OF_IMAGE: u8 = 0xD9;
    const START_OF_SCAN: u8 = 0xDA;
    let mut at = 2; // after the start of image
    loop {
        match bytes.get(at..at + 2) {
            Some([0xFF, END_OF_IMAGE]) => return true,
            Some([0xFF, 0xFF]) => at += 1, // fill bytes may precede a marker
            Some([0xFF, marker]) => {
                let Some(length) = bytes.get(at + 2..at + 4) else { return false };
                at += 2 + usize::from(u16::from_be_bytes([length[0], length[1]]));
                if *marker == START_OF_SCAN {
                    let Some(scan) = bytes.get(at..) else { return false };
                    let Some(length) = scan_length(scan) else { return false };
                    at += length;
                }
            }
            _ => return false,
        }
    }
}

/// How many bytes of entropy-coded data come before the next marker. Within them, 0xFF is
/// followed by a stuffed zero or by one of the eight restart markers.
fn scan_length(scan: &[u8]) -> Option<usize> {
    scan.windows(2)
        .position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0x00 | 0xD0..=0xD7 | 0xFF))
}
