//! The name that was meant by a mistyped one.
//!
//! It is asked for every wrong name, against all that are right, so it looks only as far as an answer could be.

/// Longer words are not mistyped names.
const LONGEST: usize = 64;

/// How many candidates are looked at: thousands of wrong names among thousands of right ones cost no minutes.
pub const CANDIDATES: usize = 1000;

/// The candidate that a mistyped word most likely meant, if one is near enough.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.chars().take(LONGEST + 1).collect();
    let mut other = Vec::with_capacity(LONGEST + 1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates.into_iter().take(CANDIDATES) {
        other.clear();
        other.extend(candidate.chars().take(LONGEST + 1));
        let longer = word.len().max(other.len());
        let limit = (longer / 3).max(1);
        if longer > LONGEST || word.len().abs_diff(other.len()) > limit {
            continue;
        }
        if let Some(distance) = distance(&word, &other, limit)
            && best.is_none_or(|best| (distance, candidate) < best)
        {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// How many characters were inserted, left out, mistaken or swapped with their neighbour; none beyond the limit.
/// Neither word is longer than [`LONGEST`].
fn distance(left: &[char], right: &[char], limit: usize) -> Option<usize> {
    // The last two rows of the table, and the one being made.
    let mut rows = [[0usize; LONGEST + 1]; 3];
    let [mut before, mut last, mut row] = rows.each_mut();
    for (at, cell) in last.iter_mut().enumerate() {
        *cell = at;
    }
    for (i, l) in left.iter().enumerate() {
        row[0] = i + 1;
        let mut smallest = row[0];
        for (j, r) in right.iter().enumerate() {
            let changed = last[j] + usize::from(l != r);
            let mut cell = changed.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *l == right[j - 1] && left[i - 1] == *r {
                cell = cell.min(before[j - 1] + 1);
            }
            row[j + 1] = cell;
            smallest = smallest.min(cell);
        }
        if smallest > limit {
            return None;
        }
        (before, last, row) = (last, row, before);
    }
    Some(last[right.len()]).filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[track_caller]
    fn check(word: &str, candidates: &[&str], expected: Option<&str>) {
        assert_eq!(nearest(word, candidates.iter().copied()), expected, "{word}");
    }

    #[test]
    fn the_nearest_name_is_found() {
        check("pth", &["path", "workspace_dir"], Some("path"));
        check("regoin", &["region", "regions"], Some("region"));
        check("dscription", &["description"], Some("description"));
        check("ab", &["ba"], Some("ba"));
        check("b", &["c", "a"], Some("a"));
        check("key_id", &["key_arn", "policy"], None);
        check("", &["a", "ab"], Some("a"));
        check("", &[], None);
    }

    #[test]
    fn far_and_endless_names_cost_nothing() {
        let long = "a".repeat(1 << 20);
        let longer = format!("{long}b");
        check(&long, &[&longer], None);
        let names: Vec<String> = (0..1000).map(|i| format!("name_{i:04}")).collect();
        let before = std::time::Instant::now();
        for i in 0..1000 {
            let near = nearest(&format!("nome_{i:04}"), names.iter().map(String::as_str));
            assert_eq!(near, Some(&*names[i]));
        }
        // Loose enough for a busy machine.
        assert!(before.elapsed().as_secs() < 20);
    }
}
