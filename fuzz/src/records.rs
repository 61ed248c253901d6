//! What was written down, and what services answer.

use keyform::cli::plan_file;
use keyform::clouds::{alicloud, aws};
use keyform::diag::{Diagnostic, Diagnostics, Sources, Style, render};
use keyform::schema::{Catalog, ErrorCodes, Protocol};
use keyform::state::envelope::Envelope;
use keyform::state::salvage::salvage;
use keyform::state::{Manner, State, journal as log};
use keyform::value::Value;
use keyform::value::json::to_plain_json;

/// A state: what is accepted is written so that it reads as the same state.
pub fn state(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    match State::parse(text, "terraform.tfstate") {
        Ok(state) => {
            let once = state.to_text();
            let again =
                State::parse(once.clone(), "terraform.tfstate").expect("what was written can be read");
            assert_eq!(once, again.to_text(), "a state comes back");
            assert!(state.same_content(&again), "a state comes back whole");
            for (_, _, object) in state.objects() {
                let _ = object.attributes_json();
            }
        }
        Err(why) => tame(why),
    }
}

/// A journal, as it is and with its lines made whole: the checksum keeps nearly all else out.
pub fn journal(input: &[u8]) {
    read_journal(input);
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let begin = r#"{"begin":{"lineage":"1","serial":1,"hash":""}}"#;
    let whole: String = std::iter::once(begin)
        .chain(text.lines())
        .map(log::line)
        .collect();
    read_journal(whole.as_bytes());
}

fn read_journal(bytes: &[u8]) {
    let manner = Manner::default();
    match salvage(bytes, "journal", &manner) {
        Ok(found) => {
            let is_whole = log::read(bytes, "journal", &manner).is_ok_and(|(_, end)| end == bytes.len());
            assert!(
                !is_whole || found.damaged.is_empty(),
                "what is whole is not damaged"
            );
            assert!(found.damaged.iter().all(|one| one.about.len() < 4096));
        }
        Err(why) => tame(why),
    }
    match log::read(bytes, "terraform.tfstate.journal", &manner) {
        Ok((records, end)) => {
            assert!(end <= bytes.len());
            let lines = |records: &[log::Record]| -> String {
                records
                    .iter()
                    .map(|record| record.line(&manner.secrets))
                    .collect()
            };
            let written = lines(&records);
            let (again, _) =
                log::read(written.as_bytes(), "journal", &manner).expect("what was written can be read");
            assert_eq!(written, lines(&again), "a journal comes back");
            if let Ok(replayed) = keyform::state::replay::replay(None, records, "journal") {
                replayed.state.to_text();
            }
        }
        Err(why) => tame(why),
    }
}

/// An envelope around an encrypted state or plan; and what is sealed comes back.
pub fn envelope(input: &[u8]) {
    const KEY: [u8; 32] = [7; 32];
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    if let Ok(envelope) = Envelope::parse(text) {
        assert_eq!(Envelope::parse(&envelope.to_text()), Ok(envelope.clone()));
        envelope.meta.keys().for_each(|name| drop(envelope.meta_of(name)));
        assert!(
            envelope.open(&KEY, b"").is_err(),
            "nobody can seal without the key"
        );
    }
    let sealed = Envelope::seal(&KEY, (input, b"aad"), []).expect("it is small enough");
    assert!(Envelope::is_one(&sealed.to_text()));
    assert_eq!(&**sealed.open(&KEY, b"aad").expect("the key is right"), input);
}

/// A plan file: as it stands on the disk, and the text that is sealed in it.
pub fn plan_file(input: &[u8]) {
    let path = std::path::Path::new("plan");
    if plan_file::is_plan_file(input) {
        let seal = plan_file::Seal {
            coder: None,
            key: Some([7; 32]),
        };
        assert!(
            plan_file::open(path, input, &seal).is_err(),
            "nobody can seal without the key"
        );
    }
    let Some(plan) = plan_file::unsealed(input) else {
        return;
    };
    let once = plan_file::text(&plan);
    let again = plan_file::unsealed(once.as_bytes()).expect("what was written can be read");
    assert_eq!(once, plan_file::text(&again), "a plan comes back");
}

/// An answer of AWS: a status, a protocol, and the text.
pub fn aws_answer(input: &[u8]) {
    let [kind, body @ ..] = input else { return };
    let protocol = match kind & 1 {
        0 => Protocol::AwsJson,
        _ => Protocol::AwsQuery,
    };
    let codes = codes("aws");
    answered(aws::read_answer(
        status(*kind),
        body,
        protocol,
        codes,
        jiff::Timestamp::UNIX_EPOCH,
    ));
}

/// An answer of Alibaba Cloud: a status and the text.
pub fn alicloud_answer(input: &[u8]) {
    let [kind, body @ ..] = input else { return };
    let codes = codes("alicloud");
    answered(alicloud::read_answer(
        status(*kind),
        body,
        codes,
        jiff::Timestamp::UNIX_EPOCH,
    ));
}

fn codes(cloud: &str) -> &'static ErrorCodes {
    let provider = Catalog::get().provider(cloud).expect("the cloud is known");
    &provider
        .unwrap_or_else(|_| panic!("the schema of {cloud} is sound"))
        .errors
}

fn status(kind: u8) -> u16 {
    [200, 400, 403, 404, 429, 500, 503, 200][usize::from(kind >> 1 & 7)]
}

fn answered(answer: Result<Value, keyform::clouds::retry::Failure>) {
    match answer {
        Ok(value) => {
            assert!(value.is_wholly_known() && !value.is_deeper_than(100, &mut 1_000_000_000));
            to_plain_json(&value);
        }
        Err(failure) => {
            assert!(!failure.message.contains('\n') && !failure.code.contains('\n'));
        }
    }
}

fn tame(why: Diagnostic) {
    let text = render(&Diagnostics::from(why), &Sources::new(), Style::default());
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
}
