//! Which elements of two sequences belong together.

use crate::value::{Data, Value};

/// How large the table of the exact method may grow; beyond that a faster method is taken.
const MOST_CELLS: usize = 4_000_000;

/// Pairs of positions in the order in which they are shown; a position is none where an element has no partner.
pub(super) type Pairs = Vec<(Option<usize>, Option<usize>)>;

/// Pairs the elements of two lists: by position when the lists are equally long, else by their longest common
/// subsequence, objects between two common elements by position.
pub(super) fn lists(before: &[Value], after: &[Value]) -> Pairs {
    if before.len() == after.len() {
        return (0..before.len()).map(|i| (Some(i), Some(i))).collect();
    }
    let is_object = |value: &Value| value.as_entries().is_some();
    align(before, after, same, |left, right| {
        is_object(left) && is_object(right)
    })
}

/// Pairs equal lines; other lines stay alone.
pub(super) fn lines(before: &[&str], after: &[&str]) -> Pairs {
    align(before, after, |left, right| left == right, |_, _| false)
}

/// Pairs the elements of two sets: equal ones, the rest of the first, the rest of the second.
pub(super) fn sets(before: &[Value], after: &[Value]) -> Pairs {
    let mut taken = vec![false; after.len()];
    let known = after.iter().all(Value::is_wholly_known);
    let mut pairs = Pairs::with_capacity(before.len().max(after.len()));
    for (i, item) in before.iter().enumerate() {
        let found = if known {
            after
                .binary_search_by(|other| crate::value::canonical_order(other, item))
                .ok()
        } else {
            (0..after.len()).find(|&j| !taken[j] && same(item, &after[j]))
        };
        let found = found.filter(|&j| !taken[j]);
        if let Some(j) = found {
            taken[j] = true;
        }
        pairs.push((Some(i), found));
    }
    pairs.extend((0..after.len()).filter(|&j| !taken[j]).map(|j| (None, Some(j))));
    pairs
}

/// Whether two values look alike as JSON: kinds of collections and marks do not count; unknown is like nothing.
pub(super) fn same(left: &Value, right: &Value) -> bool {
    match (left.data(), right.data()) {
        (Data::Null(_), Data::Null(_)) => true,
        (Data::Bool(left), Data::Bool(right)) => left == right,
        (Data::Number(left), Data::Number(right)) => left == right,
        (Data::String(left), Data::String(right)) => left == right,
        _ => match (
            left.as_items(),
            right.as_items(),
            left.as_entries(),
            right.as_entries(),
        ) {
            (Some(left), Some(right), ..) => {
                left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
            }
            (.., Some(left), Some(right)) => {
                left.len() == right.len()
                    && left
                        .iter()
                        .zip(right)
                        .all(|((a, left), (b, right))| a == b && same(left, right))
            }
            _ => false,
        },
    }
}

fn align<T>(
    before: &[T],
    after: &[T],
    equal: fn(&T, &T) -> bool,
    partners: impl Fn(&T, &T) -> bool,
) -> Pairs {
    let common = common(before, after, equal);
    let (mut i, mut j) = (0, 0);
    let mut pairs = Pairs::with_capacity(before.len().max(after.len()));
    for next in common.iter().map(Some).chain([None]) {
        let is_next = |item: &T| next.is_some_and(|&next| equal(item, &before[next]));
        while i < before.len() && !is_next(&before[i]) {
            let partner = j < after.len() && partners(&before[i], &after[j]) && !is_next(&after[j]);
            pairs.push((Some(i), partner.then_some(j)));
            i += 1;
            j += usize::from(partner);
        }
        while j < after.len() && !is_next(&after[j]) {
            pairs.push((None, Some(j)));
            j += 1;
        }
        if next.is_some() {
            pairs.push((Some(i), Some(j)));
            i += 1;
            j += 1;
        }
    }
    pairs
}

/// A longest common subsequence, as positions in the first sequence.
fn common<T>(before: &[T], after: &[T], equal: fn(&T, &T) -> bool) -> Vec<usize> {
    let start = before
        .iter()
        .zip(after)
        .take_while(|(left, right)| equal(left, right))
        .count();
    let (rest, other) = (&before[start..], &after[start..]);
    let end = rest
        .iter()
        .rev()
        .zip(other.iter().rev())
        .take_while(|(left, right)| equal(left, right))
        .count();
    let (rest, other) = (&rest[..rest.len() - end], &other[..other.len() - end]);
    let middle = if rest.len().saturating_mul(other.len()) <= MOST_CELLS {
        longest(rest, other, equal)
    } else {
        greedy(rest, other, equal)
    };
    let tail = before.len() - end..before.len();
    (0..start)
        .chain(middle.into_iter().map(|i| i + start))
        .chain(tail)
        .collect()
}

/// The exact method: a table of lengths, walked back from its end.
fn longest<T>(xs: &[T], ys: &[T], equal: fn(&T, &T) -> bool) -> Vec<usize> {
    let width = xs.len() + 1;
    let mut lengths = vec![0u32; width * (ys.len() + 1)];
    for (y, right) in ys.iter().enumerate() {
        for (x, left) in xs.iter().enumerate() {
            let (here, above) = ((y + 1) * width + x + 1, y * width + x + 1);
            lengths[here] = if equal(left, right) {
                lengths[above - 1] + 1
            } else {
                lengths[above].max(lengths[here - 1])
            };
        }
    }
    let (mut x, mut y) = (xs.len(), ys.len());
    let mut found = Vec::new();
    while x > 0 && y > 0 {
        if equal(&xs[x - 1], &ys[y - 1]) {
            (x, y) = (x - 1, y - 1);
            found.push(x);
        } else if lengths[y * width + x - 1] > lengths[(y - 1) * width + x] {
            x -= 1;
        } else {
            y -= 1;
        }
    }
    found.reverse();
    found
}

/// For very long sequences: what the standard method of text comparison finds within a bounded effort.
fn greedy<T>(xs: &[T], ys: &[T], equal: fn(&T, &T) -> bool) -> Vec<usize> {
    /// How far ahead a partner is looked for.
    const REACH: usize = 1000;
    let mut found = Vec::new();
    let mut y = 0;
    for (x, left) in xs.iter().enumerate() {
        let ahead = &ys[y.min(ys.len())..(y + REACH).min(ys.len())];
        if let Some(step) = ahead.iter().position(|right| equal(left, right)) {
            found.push(x);
            y += step + 1;
        }
    }
    found
}
