//! Fingerprints of bytes and files.

use std::fs;
use std::io;
use std::path::Path;

/// A fingerprint that grows: FNV-1a, of 64 bits.
#[derive(Clone, Copy, Debug)]
pub struct Fingerprint(u64);

impl Default for Fingerprint {
    fn default() -> Self {
        Fingerprint(0xcbf2_9ce4_8422_2325)
    }
}

impl Fingerprint {
    /// Takes in some bytes, and where they end.
    pub fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes.iter().chain(&(bytes.len() as u64).to_le_bytes()) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// Takes in a file's name and content. Of a Rust source, comments and empty lines do
    /// not count: they change nothing that is computed.
    pub(crate) fn add_file(&mut self, root: &Path, file: &str) -> io::Result<()> {
        self.add(file.as_bytes());
        let content = fs::read(root.join(file))?;
        match str::from_utf8(&content) {
            Ok(text) if file.ends_with(".rs") => {
                let lines = text.lines().map(str::trim);
                let code =
                    lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
                code.for_each(|line| self.add(line.as_bytes()));
            }
            _ => self.add(&content),
        }
        Ok(())
    }

    /// As 16 digits.
    pub fn hex(self) -> String {
        format!("{:016x}", self.0)
    }
}
