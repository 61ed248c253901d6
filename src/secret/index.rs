//! Finds many texts in one at the same time, without holding any of them: by keyed hashes of their first bytes,
//! and keyed sums of the whole where those agree. Texts come and go one by one, which an automaton would have to be built
//! anew for.
//!
//! However many texts begin alike, at each place only few lengths are tried: where there are more, lengths that are near to
//! each other are taken for one, and more is hidden than has to be.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher as _, RandomState};
use std::ops::Range;

use super::sums::{Base, Sums};
use super::{SHORTEST, forms};

/// So many bits say which first bytes there may be.
const BITS: u32 = 18;

/// So many lengths are told apart among texts that begin alike.
const LENGTHS: usize = 32;

/// Sums are made for a text piece by piece.
const PIECE: usize = 64 * 1024;

/// So many forms are compared with a text that is to be shown: what is not found among them stays hidden.
const COMPARED: usize = 20_000_000;

/// What is looked for.
pub(super) struct Index {
    hashes: RandomState,
    base: Base,
    /// Texts that have come, those that have gone included.
    known: BTreeSet<u64>,
    /// By the hash of the first bytes.
    heads: BTreeMap<u64, Head>,
    /// The forms of a text: the hash of the first bytes, length and sum.
    forms_of: BTreeMap<u64, Vec<(u64, Whole)>>,
    /// Hashes of all beginnings that are shorter than a head.
    starts: BTreeSet<u64>,
    /// A rough mirror of `heads`, in one look; empty as long as nothing is looked for.
    rough: Vec<u64>,
    /// No form is longer.
    longest: usize,
}

/// Forms that begin alike.
#[derive(Default)]
struct Head {
    /// The texts that there are forms of, by length and sum of the form, with those of the form's beginning.
    forms: BTreeMap<Whole, BTreeMap<u64, Whole>>,
    /// The lengths of the forms with their powers, and how many have each.
    lengths: BTreeMap<usize, (u64, usize)>,
    /// The same of beginnings whose lengths are round.
    round_lengths: BTreeMap<usize, (u64, usize)>,
    /// How long forms with these beginnings are, and how many of them are so long.
    beginnings: BTreeMap<Whole, BTreeMap<usize, usize>>,
}

/// Length and sum of a form or of its beginning.
type Whole = (usize, u64);

/// Where to look in a text, and its sums there.
struct Place<'t> {
    text: &'t [u8],
    at: usize,
    /// Up to where parts may begin.
    to: usize,
    sums: Option<Sums>,
}

impl Default for Index {
    fn default() -> Self {
        let hashes = RandomState::default();
        Self {
            base: Base::by_chance(&hashes),
            hashes,
            known: BTreeSet::new(),
            heads: BTreeMap::new(),
            forms_of: BTreeMap::new(),
            starts: BTreeSet::new(),
            rough: Vec::new(),
            longest: 0,
        }
    }
}

impl Index {
    /// From now on the text is found, in all its forms.
    pub(super) fn add(&mut self, text: &str) {
        let text = text.trim();
        let of = self.hash(text.as_bytes());
        if text.len() < SHORTEST || !self.known.insert(of) {
            return;
        }
        if self.rough.is_empty() {
            self.rough = vec![0; 1 << (BITS - 6)];
        }
        for form in forms::of(text) {
            self.add_form(form.as_bytes(), of);
        }
    }

    fn add_form(&mut self, form: &[u8], of: u64) {
        for length in 1..SHORTEST {
            let start = self.hash(&form[..length]);
            self.starts.insert(start);
        }
        let bit = rough(&form[..SHORTEST]);
        self.rough[bit / 64] |= 1 << (bit % 64);
        let head = self.hash(&form[..SHORTEST]);
        let round = round(form.len());
        let beginning = (round, self.base.sum(&form[..round]));
        let whole = (form.len(), self.base.sum(form));
        self.longest = self.longest.max(form.len());
        self.forms_of.entry(of).or_default().push((head, whole));
        let (power, round_power) = (self.base.power(form.len()), self.base.power(round));
        let head = self.heads.entry(head).or_default();
        if head
            .forms
            .entry(whole)
            .or_default()
            .insert(of, beginning)
            .is_none()
        {
            head.lengths.entry(form.len()).or_insert((power, 0)).1 += 1;
            head.round_lengths.entry(round).or_insert((round_power, 0)).1 += 1;
            let lengths = head.beginnings.entry(beginning).or_default();
            *lengths.entry(form.len()).or_default() += 1;
        }
    }

    /// The text is not found any more, nor any that it holds in one form or another. They will not come again.
    pub(super) fn remove(&mut self, text: &str) {
        let mut gone: BTreeSet<u64> = BTreeSet::new();
        let mut left = COMPARED;
        let mut place = Place::new(text.as_bytes());
        while let Some(head) = self.next(&mut place) {
            for (length, (power, _)) in &head.lengths {
                left = left.saturating_sub(1);
                let forms = place.sum(self, *length, *power);
                let forms = forms.and_then(|sum| head.forms.get(&(*length, sum)));
                gone.extend(forms.into_iter().flat_map(BTreeMap::keys));
            }
            if left == 0 {
                break;
            }
            place.at += 1;
        }
        self.known.insert(self.hash(text.trim().as_bytes()));
        for of in gone {
            for (head, whole) in self.forms_of.remove(&of).unwrap_or_default() {
                self.forget(head, whole, of);
            }
        }
    }

    /// Takes one form of a text away from those with a head.
    fn forget(&mut self, key: u64, whole: Whole, of: u64) {
        let Some(head) = self.heads.get_mut(&key) else {
            return;
        };
        let beginning = head.forms.get_mut(&whole).and_then(|texts| texts.remove(&of));
        if let Some(beginning) = beginning {
            head.drop_form(whole, beginning);
        }
        if head.forms.is_empty() {
            self.heads.remove(&key);
        }
    }

    /// Whether there is nothing to look for.
    pub(super) fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// Where the texts stand, in order. What overlaps is one place.
    pub(super) fn find(&self, text: &str) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        if self.heads.is_empty() {
            return found;
        }
        let mut place = Place::new(text.as_bytes());
        while let Some(head) = self.next(&mut place) {
            if let Some(length) = head.longest(&mut place, self) {
                let end = text.ceil_char_boundary(place.at + length);
                match found.last_mut() {
                    Some(last) if place.at < last.end => last.end = last.end.max(end),
                    _ => found.push(place.at..end),
                }
            }
            place.at += 1;
        }
        found
    }

    /// Where the end of the text begins that one of the texts may begin with.
    pub(super) fn open_end(&self, text: &str) -> usize {
        let bytes = text.as_bytes();
        let open = |at: &usize| {
            let rest = &bytes[*at..];
            match rest.get(..SHORTEST) {
                Some(head) => {
                    let longest = self.at(head).and_then(|head| head.lengths.keys().next_back());
                    longest.is_some_and(|length| *length > rest.len())
                }
                None => self.starts.contains(&self.hash(rest)),
            }
        };
        if self.heads.is_empty() {
            return text.len();
        }
        let from = text.len().saturating_sub(self.longest);
        (from..text.len()).find(open).unwrap_or(text.len())
    }

    /// Goes on to the next place, from this one on, where a form may begin.
    fn next(&self, place: &mut Place<'_>) -> Option<&Head> {
        loop {
            let head = place.text.get(place.at..)?.get(..SHORTEST)?;
            if let Some(head) = self.at(head) {
                return Some(head);
            }
            place.at += 1;
        }
    }

    /// How many lengths there are of forms that begin like a text, and how many round ones.
    #[cfg(test)]
    pub(super) fn lengths(&self, text: &str) -> (usize, usize) {
        let head = self.at(&text.as_bytes()[..SHORTEST]);
        head.map_or((0, 0), |head| (head.lengths.len(), head.round_lengths.len()))
    }

    /// The forms with these first bytes.
    fn at(&self, head: &[u8]) -> Option<&Head> {
        let bit = rough(head);
        let may_be = self
            .rough
            .get(bit / 64)
            .is_some_and(|bits| bits >> (bit % 64) & 1 == 1);
        if !may_be {
            return None;
        }
        self.heads.get(&self.hash(head))
    }

    fn hash(&self, bytes: &[u8]) -> u64 {
        self.hashes.hash_one(bytes)
    }
}

impl Head {
    /// How long the longest form is that stands at a place, or what may be one.
    fn longest(&self, place: &mut Place<'_>, index: &Index) -> Option<usize> {
        if self.lengths.len() <= LENGTHS {
            let mut lengths = self.lengths.iter().rev();
            return lengths.find_map(|(length, (power, _))| {
                let sum = place.sum(index, *length, *power)?;
                self.forms.contains_key(&(*length, sum)).then_some(*length)
            });
        }
        let mut lengths = self.round_lengths.iter().rev();
        lengths.find_map(|(round, (power, _))| {
            let sum = place.sum(index, *round, *power)?;
            let longest = *self.beginnings.get(&(*round, sum))?.keys().next_back()?;
            Some(longest.min(place.text.len() - place.at))
        })
    }

    /// Counts a form no more.
    fn drop_form(&mut self, whole: Whole, beginning: Whole) {
        let (length, round) = (whole.0, beginning.0);
        if self.forms.get(&whole).is_some_and(BTreeMap::is_empty) {
            self.forms.remove(&whole);
        }
        lessen(&mut self.lengths, length);
        lessen(&mut self.round_lengths, round);
        if let Some(lengths) = self.beginnings.get_mut(&beginning) {
            if let Some(count) = lengths.get_mut(&length) {
                *count -= 1;
            }
            lengths.retain(|_, count| *count > 0);
            if lengths.is_empty() {
                self.beginnings.remove(&beginning);
            }
        }
    }
}

fn lessen(counts: &mut BTreeMap<usize, (u64, usize)>, length: usize) {
    if let Some((_, count)) = counts.get_mut(&length) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&length);
        }
    }
}

impl<'t> Place<'t> {
    fn new(text: &'t [u8]) -> Self {
        Self {
            text,
            at: 0,
            to: 0,
            sums: None,
        }
    }

    /// The sum of so many bytes here, if there are as many.
    fn sum(&mut self, index: &Index, length: usize, power: u64) -> Option<u64> {
        if self.sums.is_none() || self.at >= self.to {
            self.to = self.at + PIECE.max(index.longest);
            let end = self.to.saturating_add(index.longest);
            self.sums = Some(index.base.of(self.text, self.at, end));
        }
        self.sums.as_ref()?.part(self.at, length, power)
    }
}

/// A length of which only the two bits behind the first count: what is cut off is less than a quarter.
fn round(length: usize) -> usize {
    let shift = (length.max(1).ilog2()).saturating_sub(2);
    (length >> shift) << shift
}

/// The number of the bit of these first bytes.
fn rough(head: &[u8]) -> usize {
    let mut word = [0; SHORTEST];
    word.copy_from_slice(&head[..SHORTEST]);
    let mixed = u64::from_le_bytes(word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::try_from(mixed >> (u64::BITS - BITS)).unwrap_or_default()
}
