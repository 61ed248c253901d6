//! Lists that are answered page by page.

use serde_json::{Value, json};

use super::Call;
use super::errors::Failure;

const LARGEST: i64 = 100;

/// One page of a list, in the double wrapping that the service likes: `{"Keys":{"Key":[…]},"PageNumber":…}`.
/// Only what is on the page is described.
pub(crate) fn page<T>(
    call: &Call,
    default_size: i64,
    (outer, inner): (&str, &str),
    objects: impl Iterator<Item = T>,
    describe: impl Fn(T) -> Value,
) -> Result<Value, Failure> {
    let number = call
        .params
        .number("PageNumber", 1, i64::from(i32::MAX))?
        .unwrap_or(1);
    let size = call
        .params
        .number("PageSize", 1, LARGEST)?
        .unwrap_or(default_size);
    let last = usize::try_from(number * size).unwrap_or(usize::MAX);
    let first = usize::try_from((number - 1) * size).unwrap_or(usize::MAX);
    let mut items = Vec::new();
    let mut total = 0;
    for object in objects {
        if (first..last).contains(&total) {
            items.push(describe(object));
        }
        total += 1;
    }
    Ok(json!({ outer: { inner: items }, "PageNumber": number, "PageSize": size, "TotalCount": total }))
}

/// A condition on a listed object: one of the values, for the property of that name.
pub(crate) struct Filter {
    pub(crate) key: String,
    values: Vec<String>,
}

impl Filter {
    /// Is this value, or the beginning of it, among the wanted ones?
    pub(crate) fn wants_prefix_of(&self, value: &str) -> bool {
        self.values
            .iter()
            .any(|wanted| value.starts_with(wanted.as_str()))
    }

    /// Is exactly this value among the wanted ones?
    pub(crate) fn wants(&self, value: &str) -> bool {
        self.values.iter().any(|wanted| wanted == value)
    }
}

/// The parameter `Filters`: conditions that must all hold.
pub(crate) fn filters(call: &Call, known: &[&str]) -> Result<Vec<Filter>, Failure> {
    let bad = || Failure::invalid("Filters");
    let Some(document) = call.params.json("Filters")? else {
        return Ok(Vec::new());
    };
    let filters = document
        .as_array()
        .filter(|all| all.len() <= 10)
        .ok_or_else(bad)?;
    let mut read = Vec::new();
    for filter in filters {
        let key = filter["Key"]
            .as_str()
            .filter(|key| known.contains(key))
            .ok_or_else(bad)?;
        let values = filter["Values"]
            .as_array()
            .filter(|v| !v.is_empty() && v.len() <= 10)
            .ok_or_else(bad)?;
        let values: Option<Vec<String>> = values
            .iter()
            .map(|value| value.as_str().map(str::to_owned))
            .collect();
        read.push(Filter {
            key: key.to_owned(),
            values: values.ok_or_else(bad)?,
        });
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::super::params::Params;
    use super::*;

    #[track_caller]
    fn check(params: &[(&str, &str)], expected: Result<&str, Failure>) {
        let params = &params.iter().copied().collect::<Params>();
        let call = Call {
            params,
            region: "cn-hangzhou",
            now: 0,
        };
        let page =
            page(&call, 2, ("Keys", "Key"), 1..=5, Value::from).map(|page| page["Keys"]["Key"].to_string());
        assert_eq!(page, expected.map(str::to_owned));
    }

    #[test]
    fn pages_are_counted_from_one() {
        check(&[], Ok("[1,2]"));
        check(&[("PageNumber", "3")], Ok("[5]"));
    }

    #[test]
    fn a_page_after_the_last_is_empty() {
        check(&[("PageNumber", "2147483647"), ("PageSize", "100")], Ok("[]"));
    }

    #[test]
    fn page_zero_and_pages_too_large_are_refused() {
        check(&[("PageNumber", "0")], Err(Failure::invalid("PageNumber")));
        check(&[("PageSize", "101")], Err(Failure::invalid("PageSize")));
    }
}
