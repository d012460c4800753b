//! The frame header of a JPEG: what the picture consists of.

use crate::load::Fault;

/// A sequential or progressive frame of 8 bits.
pub struct Frame {
    pub is_progressive: bool,
    pub width: u16,
    pub height: u16,
    pub components: Vec<Component>,
}

/// A component, such as the luma.
#[derive(Clone, Copy)]
pub struct Component {
    pub id: u8,
    /// How often it is sampled across and down, compared with the others.
    pub sampling: (u8, u8),
}

impl Frame {
    /// Reads a frame header, if the decoder is known to decode such frames right.
    pub fn of(marker: u8, header: &[u8]) -> Result<Self, Fault> {
        let damaged = Fault::Damaged("its frame header is not that of a JPEG");
        match marker {
            0xC0..=0xC2 => {}
            0xC3 => return Err(Fault::NotSupported("it is lossless")),
            0xC9 | 0xCA => return Err(Fault::NotSupported("it is coded arithmetically")),
            0xCB => {
                return Err(Fault::NotSupported("it is lossless, coded arithmetically"));
            }
            0xF7 => return Err(Fault::NotSupported("it is a JPEG-LS")),
            _ => return Err(Fault::NotSupported("it is hierarchical")),
        }
        let &[bits, h0, h1, w0, w1, count, ref components @ ..] = header else {
            return Err(damaged);
        };
        if bits != 8 {
            return Err(Fault::NotSupported("its samples do not have 8 bits"));
        }
        let (triples, []) = components.as_chunks::<3>() else { return Err(damaged) };
        let components = triples.iter().map(|&[id, sampling, _]| Component {
            id,
            sampling: (sampling >> 4, sampling & 15),
        });
        let components: Vec<Component> = components.collect();
        if components.len() != usize::from(count) {
            return Err(damaged);
        }
        let [width, height] = [[w0, w1], [h0, h1]].map(u16::from_be_bytes);
        if height == 0 {
            return Err(Fault::NotSupported("its height comes after its pixels"));
        }
        let frame = Self { is_progressive: marker == 0xC2, width, height, components };
        frame.check_components()?;
        Ok(frame)
    }

    /// All that is refused here is valid. The decoder, zune-jpeg 0.5.15, gives other colours
    /// for some of it, and takes some for damaged.
    fn check_components(&self) -> Result<(), Fault> {
        if !matches!(self.components.len(), 1 | 3 | 4) {
            return Err(Fault::NotSupported(
                "it has neither one, three nor four components",
            ));
        }
        let (most_across, most_down) = self.components[0].sampling;
        let is_known = |&Component { sampling: (across, down), .. }: &Component| {
            matches!((across, down), (1 | 2 | 4, 1 | 2 | 4))
                && across <= most_across
                && down <= most_down
                && (most_down, down) != (4, 2)
        };
        match self.components.iter().all(is_known) {
            true => Ok(()),
            false => Err(Fault::NotSupported("its components are sampled in a rare way")),
        }
    }
}
