//! Pieces of work on all cores, or one after the other where there is only one.

/// Does the work for each piece. The pieces are independent, so that it doesn't matter when
/// each is done.
pub fn for_each<T: Send>(
    pieces: impl Iterator<Item = T>,
    work: impl Fn(T) + Send + Sync,
) {
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        pieces.collect::<Vec<T>>().into_par_iter().for_each(work);
    }
    #[cfg(not(feature = "parallel"))]
    pieces.for_each(work);
}

/// What the work makes of each piece, in the order of the pieces.
pub fn map<T: Send, R: Send>(
    pieces: impl Iterator<Item = T>,
    work: impl Fn(T) -> R + Send + Sync,
) -> Vec<R> {
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        pieces.collect::<Vec<T>>().into_par_iter().map(work).collect()
    }
    #[cfg(not(feature = "parallel"))]
    pieces.map(work).collect()
}
