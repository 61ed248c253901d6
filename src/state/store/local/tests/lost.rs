//! Journals whose state is gone, is another one's, or is overruled.

use super::*;

#[test]
fn what_is_open_belongs_to_its_lineage_and_is_nothing_without_its_state() {
    let (folder, path) = place();
    let state = run(&path, "a");
    let mut store = LocalStore::new(&path);
    let read = store.read().unwrap().unwrap().state;
    let mut session = Session::begin(&mut store, &read);
    session.record_intent(Intent::of(&address("open")), 0).unwrap();
    session.sync().unwrap();
    drop(store);
    let text = fs_err::read_to_string(&path).unwrap();
    fs_err::write(&path, text.replace(&*state.lineage, "other")).unwrap();
    check_refused(&path, "Journal of another state");
    fs_err::remove_file(&path).unwrap();
    check_refused(&path, "State is missing");
    // Who makes it again goes on with what is open.
    let mut store = LocalStore::new(&path);
    let kept = store.give_up_lost().unwrap().unwrap();
    assert!(kept.ends_with("terraform.tfstate.journal.1"), "{kept}");
    let found = store.read().unwrap().unwrap();
    assert_eq!((found.unsettled.len(), found.state.lineage), (1, state.lineage));
    drop(store);
    assert_eq!(
        names(folder.path()),
        ["terraform.tfstate.journal", "terraform.tfstate.journal.1"]
    );
}

#[test]
fn a_state_that_overrules_another_keeps_the_journal_and_what_is_open_in_it() {
    let (folder, path) = place();
    let state = run(&path, "a");
    die(&path, "b", true);
    let journal = fs_err::read(beside(&path, ".journal")).unwrap();
    let other = State {
        serial: 5,
        ..state.clone()
    };
    fs_err::write(&path, other.to_text()).unwrap();
    check_refused(&path, "Journal of another state");
    let next = with(&State { serial: 2, ..state }, "b");
    let mut store = LocalStore::new(&path);
    store.lock(info(), Duration::ZERO).unwrap();
    let kept = store.overrule(&next).unwrap().unwrap();
    store.write(&next).unwrap();
    drop(store);
    assert_eq!(fs_err::read(kept).unwrap(), journal);
    assert_eq!(unsettled(&path), ["t.open"]);
    assert_eq!(fs_err::read_to_string(&path).unwrap(), next.to_text());
    let mut store = LocalStore::new(&path);
    assert!(store.overrule(&next).unwrap().is_none(), "it fits");
    assert!(names(folder.path()).contains(&"terraform.tfstate.journal".into()));
}
