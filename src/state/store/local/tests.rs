//! The local store against a real folder.

mod lost;

use super::super::{Session, Worth, abandon};
use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::addr::{InstanceAddr, InstanceKey, ModulePath, ProviderConfig, ProviderName, ResourceName};
use crate::state::Object;
use crate::value::Value;

/// A folder of its own, and a store in it.
fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("terraform.tfstate");
    (folder, path)
}

fn address(name: &str) -> InstanceAddr {
    InstanceAddr::new(
        ModulePath::root(),
        ResourceName::managed("t", name),
        InstanceKey::None,
    )
}

fn provider() -> ProviderConfig {
    ProviderConfig {
        module: ModulePath::root(),
        provider: ProviderName::implied("t"),
        alias: None,
        key: None,
    }
}

fn object(id: &str) -> Object {
    let value = Value::object_of([("id", Value::from(id))]);
    Object::new(&value, &value.ty(), 0, [].into()).unwrap()
}

fn with(state: &State, name: &str) -> State {
    let mut state = state.clone();
    state.insert(&address(name), &provider(), object(name));
    state
}

fn info() -> LockInfo {
    LockInfo::new("OperationTypeApply", "me@here")
}

/// Runs a session that adds this instance to what is there, whole to the end.
fn run(path: &Path, name: &str) -> State {
    let mut store = LocalStore::new(path);
    store.lock(info(), Duration::ZERO).unwrap();
    let state = store
        .read()
        .unwrap()
        .map_or_else(State::new, |snapshot| snapshot.state);
    let mut session = Session::begin(&mut store, &state);
    session
        .record_done(&address(name), true, &provider(), &object(name))
        .unwrap();
    session.finish(&with(&state, name)).whole().unwrap()
}

/// Runs a session that dies after recording.
fn die(path: &Path, name: &str, intent: bool) {
    let mut store = LocalStore::new(path);
    let state = store
        .read()
        .unwrap()
        .map_or_else(State::new, |snapshot| snapshot.state);
    let mut session = Session::begin(&mut store, &state);
    if intent {
        session.record_intent(Intent::of(&address("open")), 0).unwrap();
    }
    session
        .record_done(&address(name), true, &provider(), &object(name))
        .unwrap();
    session.sync().unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs_err::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    fs_err::metadata(path).unwrap().permissions().mode() & 0o777
}

#[track_caller]
fn check_refused(path: &Path, summary: &str) {
    assert_eq!(LocalStore::new(path).read().unwrap_err().summary, summary);
}

#[test]
fn a_run_leaves_state_and_backup_and_nothing_else() {
    let (folder, path) = place();
    let first = run(&path, "a");
    assert_eq!(names(folder.path()), ["terraform.tfstate"]);
    let second = run(&path, "b");
    assert_eq!(
        names(folder.path()),
        ["terraform.tfstate", "terraform.tfstate.backup"]
    );
    assert_eq!((first.serial, second.serial), (1, 2));
    assert_eq!(first.lineage, second.lineage);
    let backup = fs_err::read_to_string(beside(&path, ".backup")).unwrap();
    assert_eq!(State::parse(backup, "b").unwrap().serial, 1);
    assert_eq!((mode(&path), mode(&beside(&path, ".backup"))), (0o600, 0o600));
}

#[test]
fn nothing_changes_when_nothing_is_recorded() {
    let (folder, path) = place();
    let state = run(&path, "a");
    let mut store = LocalStore::new(&path);
    store.lock(info(), Duration::ZERO).unwrap();
    let read = store.read().unwrap().unwrap().state;
    assert_eq!(Session::begin(&mut store, &read).finish(&read).state.serial, 1);
    drop(store);
    assert_eq!(fs_err::read_to_string(&path).unwrap(), state.to_text());
    assert_eq!(names(folder.path()), ["terraform.tfstate"]);
}

#[test]
fn a_lock_leaves_no_trace() {
    let (folder, path) = place();
    let mut store = LocalStore::new(&path);
    store.lock(info(), Duration::ZERO).unwrap();
    assert_eq!(
        names(folder.path()),
        [".terraform.tfstate.lock.info", "terraform.tfstate"]
    );
    assert!(store.read().unwrap().is_none());
    store.unlock().unwrap();
    assert!(names(folder.path()).is_empty());
}

#[test]
fn what_a_dead_run_did_is_found_and_folded_in() {
    let (folder, path) = place();
    run(&path, "a");
    die(&path, "b", false);
    let seen = LocalStore::new(&path).read().unwrap().unwrap();
    assert!(seen.recovered && seen.state.get(&address("b")).is_some());
    assert!(names(folder.path()).contains(&"terraform.tfstate.journal".into()));
    assert_eq!(mode(&beside(&path, ".journal")), 0o600);
    let next = run(&path, "c");
    assert_eq!(next.objects().count(), 3);
    assert_eq!(
        names(folder.path()),
        ["terraform.tfstate", "terraform.tfstate.backup"]
    );
}

#[test]
fn a_dead_first_run_is_found_too() {
    let (_folder, path) = place();
    die(&path, "a", false);
    let found = LocalStore::new(&path).read().unwrap().unwrap().state;
    assert!(found.get(&address("a")).is_some());
    assert_eq!(run(&path, "b").lineage, found.lineage);
}

/// The addresses of what is unsettled, to a reader without the lock.
fn unsettled(path: &Path) -> Vec<String> {
    let found = LocalStore::new(path).read().unwrap();
    let intents = found.map_or_else(Vec::new, |snapshot| snapshot.unsettled);
    intents.iter().map(|intent| intent.address.to_string()).collect()
}

fn settle(path: &Path) {
    let mut store = LocalStore::new(path);
    store.lock(info(), Duration::ZERO).unwrap();
    let state = store.read().unwrap().unwrap().state;
    abandon(&mut store, &state, &[address("open")]).unwrap();
}

#[test]
fn what_is_open_stays_open_until_somebody_says_otherwise() {
    let (folder, path) = place();
    die(&path, "a", true);
    run(&path, "b");
    assert_eq!(unsettled(&path), ["t.open"]);
    let mut store = LocalStore::new(&path);
    store.lock(info(), Duration::ZERO).unwrap();
    let mut state = store.read().unwrap().unwrap().state;
    state.serial += 1;
    store.write(&with(&state, "c")).unwrap();
    drop(store);
    assert_eq!(unsettled(&path), ["t.open"]);
    assert_eq!(run(&path, "d").objects().count(), 4);
    settle(&path);
    assert!(unsettled(&path).is_empty());
    assert!(!names(folder.path()).contains(&"terraform.tfstate.journal".into()));
    assert_eq!(run(&path, "e").objects().count(), 5);
}

#[test]
fn what_was_being_made_is_recorded_for_the_next_run() {
    let (_folder, path) = place();
    let mut store = LocalStore::new(&path);
    let mut session = Session::begin(&mut store, &State::new());
    session.record_intent(Intent::of(&address("open")), 0).unwrap();
    session
        .record_done(&address("open"), true, &provider(), &object("x"))
        .unwrap();
    drop(store);
    run(&path, "b");
    let found = LocalStore::new(&path).read().unwrap().unwrap();
    assert!(found.unsettled.is_empty());
    assert!(found.state.get(&address("open")).is_some());
}

#[test]
fn the_journal_of_a_living_run_is_not_taken_away() {
    let (folder, path) = place();
    run(&path, "a");
    let mut living = LocalStore::new(&path);
    let state = living.read().unwrap().unwrap().state;
    let mut session = Session::begin(&mut living, &state);
    session
        .record_done(&address("b"), true, &provider(), &object("b"))
        .unwrap();
    let mut other = LocalStore::new(&path);
    let seen = other.read().unwrap().unwrap().state;
    assert_eq!(other.write(&seen).unwrap_err().summary, "A run is under way");
    assert_eq!(
        other.begin_journal(&seen).unwrap_err().summary,
        "A run is under way"
    );
    let mut locked = LocalStore::new(&path);
    locked.lock(info(), Duration::ZERO).unwrap();
    assert_eq!(locked.read().unwrap_err().summary, "A run is under way");
    drop(locked);
    assert_eq!(
        session
            .finish(&with(&state, "b"))
            .whole()
            .unwrap()
            .objects()
            .count(),
        2
    );
    assert_eq!(
        names(folder.path()),
        ["terraform.tfstate", "terraform.tfstate.backup"]
    );
}

#[test]
fn a_journal_that_somebody_removed_keeps_nothing() {
    let (folder, path) = place();
    let mut store = LocalStore::new(&path);
    let mut session = Session::begin(&mut store, &State::new());
    session
        .record_done(&address("a"), true, &provider(), &object("a"))
        .unwrap();
    fs_err::remove_file(beside(&path, ".journal")).unwrap();
    assert!(session.sync().is_err());
    assert!(session.record_intent(Intent::of(&address("b")), 0).is_err());
    fs_err::write(&path, "other").unwrap();
    let finish = session.finish(&with(&State::new(), "a"));
    assert!(finish.kept && finish.problem.is_some());
    let rescued = fs_err::read_to_string(folder.path().join("errored.tfstate")).unwrap();
    assert_eq!(State::parse(rescued, "e").unwrap().objects().count(), 1);
}

#[test]
fn every_rescued_state_has_a_place_and_the_next_run_hears_of_it() {
    let (folder, path) = place();
    let state = run(&path, "a");
    for name in ["errored.tfstate", "errored.1.tfstate"] {
        let mut store = LocalStore::new(&path);
        store.read().unwrap();
        fs_err::write(&path, with(&state, "other").to_text()).unwrap();
        let mut session = Session::begin(&mut store, &state);
        session.record_removed(&address("c"), None).unwrap_err();
        let finish = session.finish(&with(&state, "b"));
        assert!(finish.kept && folder.path().join(name).exists(), "{name}");
        fs_err::write(&path, state.to_text()).unwrap();
    }
    let worths = || {
        let rescued = LocalStore::new(&path).read().unwrap().unwrap().rescued;
        let worths = rescued.into_iter().map(|one| one.worth);
        worths.collect::<Vec<_>>()
    };
    assert_eq!(worths(), [Worth::Newer, Worth::Newer]);
    // Each counts by itself, and what cannot be read counts too.
    fs_err::remove_file(folder.path().join("errored.tfstate")).unwrap();
    assert_eq!(worths(), [Worth::Newer]);
    fs_err::write(folder.path().join("errored.1.tfstate"), "{").unwrap();
    assert!(matches!(&*worths(), [Worth::Unreadable(_)]));
}

#[test]
fn a_state_that_was_only_touched_is_the_same() {
    let (_folder, path) = place();
    let state = run(&path, "a");
    for locked in [false, true] {
        let mut store = LocalStore::new(&path);
        if locked {
            store.lock(info(), Duration::ZERO).unwrap();
        }
        let read = store.read().unwrap().unwrap().state;
        let text = fs_err::read_to_string(&path).unwrap();
        fs_err::write(&path, text).unwrap();
        let finish = Session::begin(&mut store, &read).finish(&with(&read, "b"));
        finish.whole().unwrap();
        drop(store);
        fs_err::write(&path, state.to_text()).unwrap();
    }
}

#[test]
fn a_state_that_others_may_read_is_backed_up_for_us_alone() {
    let (_folder, path) = place();
    run(&path, "a");
    fs_err::set_permissions(&path, std::fs::Permissions::from_mode(0o664)).unwrap();
    let mut before = File::open(&path).unwrap();
    run(&path, "b");
    assert_eq!(before.metadata().unwrap().permissions().mode() & 0o777, 0o664);
    let mut text = String::new();
    before.read_to_string(&mut text).unwrap();
    let backup = beside(&path, ".backup");
    assert_eq!(fs_err::read_to_string(&backup).unwrap(), text);
    assert_eq!(mode(&backup), 0o600);
}

#[test]
fn what_cannot_be_kept_is_known_before_the_first_effect() {
    let (folder, path) = place();
    let state = run(&path, "a");
    for place in ["no/such/b", ""] {
        let mut store = LocalStore::new(&path).with_backup(Some(folder.path().join(place)));
        store.read().unwrap();
        assert!(Session::begin(&mut store, &state).open().is_err(), "{place:?}");
    }
}

#[test]
fn what_names_a_holder_may_be_anything() {
    let (folder, path) = place();
    let left = folder.path().join(".terraform.tfstate.lock.info");
    let fifo = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, &left, fifo, 0o600.into(), 0).unwrap();
    assert!(LocalStore::new(&path).force_unlock("x").is_err());
}

#[test]
fn a_crash_between_writing_the_state_and_ending_the_journal_does_no_harm() {
    let (_folder, path) = place();
    let mut store = LocalStore::new(&path);
    let mut session = Session::begin(&mut store, &State::new());
    session
        .record_done(&address("a"), true, &provider(), &object("a"))
        .unwrap();
    session.checkpoint(&with(&State::new(), "a")).unwrap();
    drop(store);
    let read = LocalStore::new(&path).read().unwrap().unwrap();
    assert!(!read.recovered && read.state.objects().count() == 1);
}

#[test]
fn when_the_journal_does_not_take_a_checkpoint_it_is_told_and_nothing_more_is_begun() {
    let (folder, path) = place();
    let mut store = LocalStore::new(&path);
    let state = with(&State::new(), "a");
    let begun = store.begin_journal(&State::new()).unwrap();
    store.journal.as_mut().unwrap().broken = true;
    store
        .write(&State {
            serial: begun + 1,
            ..state
        })
        .unwrap();
    let intent = Record::Intent(Intent::of(&address("b")));
    assert!(store.append(&intent).is_err() && store.sync_journal().is_err());
    let told = store.end_journal().unwrap_err();
    assert!(told.detail.contains("The new state is in its place"), "{told:?}");
    drop(store);
    assert_eq!(names(folder.path()), ["terraform.tfstate"]);
    let read = LocalStore::new(&path).read().unwrap().unwrap();
    assert!(!read.recovered && read.state.objects().count() == 1);
}

#[test]
fn an_empty_state_beside_a_backup_is_not_no_state() {
    let (_folder, path) = place();
    run(&path, "a");
    run(&path, "b");
    fs_err::write(&path, "").unwrap();
    check_refused(&path, "State file is damaged");
    fs_err::write(&path, "{\"version\": 4,").unwrap();
    check_refused(&path, "State file is damaged");
}

#[test]
fn files_that_hold_zeros_are_not_read_to_their_end() {
    let long = |path: &Path| {
        let file = fs_err::OpenOptions::new().write(true).open(path).unwrap();
        file.set_len(1 << 40).unwrap();
    };
    let (_folder, path) = place();
    run(&path, "a");
    die(&path, "b", false);
    let journal = path.with_file_name("terraform.tfstate.journal");
    long(&journal);
    check_refused(&path, "Cannot keep the state");
    fs_err::remove_file(&journal).unwrap();
    long(&path);
    check_refused(&path, "State file is damaged");
}

#[test]
fn a_journal_of_another_state_is_refused() {
    let (_folder, path) = place();
    run(&path, "a");
    die(&path, "b", false);
    let text = fs_err::read_to_string(&path).unwrap();
    fs_err::write(&path, text.replace("\"serial\": 1", "\"serial\": 5")).unwrap();
    check_refused(&path, "Journal of another state");
}

#[test]
fn a_state_changed_meanwhile_is_not_overwritten() {
    let (_folder, path) = place();
    let state = run(&path, "a");
    let mut store = LocalStore::new(&path);
    store.read().unwrap();
    fs_err::write(&path, "other").unwrap();
    let error = store.write(&state).unwrap_err();
    assert_eq!(error.summary, "State changed by another program");
    assert_eq!(fs_err::read_to_string(&path).unwrap(), "other");
}

#[test]
fn a_lock_that_comes_and_goes_changes_nothing() {
    let (_folder, path) = place();
    let (mut holder, mut other) = (LocalStore::new(&path), LocalStore::new(&path));
    holder.lock(info(), Duration::ZERO).unwrap();
    assert!(other.read().unwrap().is_none());
    holder.unlock().unwrap();
    other.write(&with(&State::new(), "a")).unwrap();
    assert_eq!(other.read().unwrap().unwrap().state.objects().count(), 1);
}

#[test]
fn who_lost_the_journal_does_not_write_the_state() {
    let (folder, path) = place();
    let state = run(&path, "a");
    let before = fs_err::read_to_string(&path).unwrap();
    let mut store = LocalStore::new(&path);
    store.read().unwrap();
    let mut session = Session::begin(&mut store, &state);
    session
        .record_done(&address("b"), true, &provider(), &object("b"))
        .unwrap();
    let (journal, copy) = (beside(&path, ".journal"), folder.path().join("copy"));
    fs_err::copy(&journal, &copy).unwrap();
    fs_err::rename(&copy, &journal).unwrap();
    let error = session.finish(&with(&state, "b")).problem.unwrap();
    assert_eq!(error.ending, Ending::Locked);
    assert_eq!(fs_err::read_to_string(&path).unwrap(), before);
    assert!(journal.exists(), "it is another one's");
}

#[test]
fn who_has_the_journal_looks_at_the_state_again() {
    let (_folder, path) = place();
    let state = run(&path, "a");
    let mut sleeper = LocalStore::new(&path);
    sleeper.read().unwrap();
    run(&path, "b");
    let error = sleeper.create_journal(&state).unwrap_err();
    assert_eq!(error.summary, "State changed by another program");
    assert!(!beside(&path, ".journal").exists());
}

#[test]
fn a_journal_of_the_same_length_may_be_another_one() {
    let (_folder, path) = place();
    run(&path, "a");
    let open = |marker: &str| {
        let mut store = LocalStore::new(&path);
        let state = store.read().unwrap().unwrap().state;
        let intent = Intent {
            marker: Some(marker.into()),
            ..Intent::of(&address("open"))
        };
        let mut session = Session::begin(&mut store, &state);
        session.record_intent(intent, 0).unwrap();
        session.finish(&state).whole().unwrap();
    };
    open("first");
    let mut sleeper = LocalStore::new(&path);
    let state = sleeper.read().unwrap().unwrap().state;
    open("other");
    let error = Session::begin(&mut sleeper, &state).open().unwrap_err();
    assert_eq!(error.summary, "A run is under way");
    let read = LocalStore::new(&path).read().unwrap().unwrap();
    assert_eq!(read.unsettled[0].marker.as_deref(), Some("other"));
}

#[test]
fn a_state_that_cannot_be_written_is_rescued_or_in_the_journal() {
    let (folder, path) = place();
    let state = run(&path, "a");
    let mut store = LocalStore::new(&path);
    store.read().unwrap();
    fs_err::write(&path, "other").unwrap();
    let session = Session::begin(&mut store, &state);
    let finish = session.finish(&with(&state, "b"));
    assert!(finish.kept && finish.problem.is_some(), "nothing was done");
    assert!(!folder.path().join("errored.tfstate").exists());
    let mut session = Session::begin(&mut store, &state);
    session.record_removed(&address("c"), None).unwrap_err();
    let error = session.finish(&with(&state, "b")).problem.unwrap();
    assert!(error.hints[0].contains("errored.tfstate"), "{error:?}");
    let rescued = fs_err::read_to_string(folder.path().join("errored.tfstate")).unwrap();
    assert_eq!(State::parse(rescued, "e").unwrap().objects().count(), 2);
}

#[test]
fn planted_links_are_not_written_through() {
    let (folder, path) = place();
    let victim = folder.path().join("victim");
    fs_err::write(&victim, "mine").unwrap();
    run(&path, "a");
    for suffix in [".backup", ".journal"] {
        let _ = fs_err::remove_file(beside(&path, suffix));
        std::os::unix::fs::symlink(&victim, beside(&path, suffix)).unwrap();
    }
    assert!(LocalStore::new(&path).read().is_err());
    fs_err::remove_file(beside(&path, ".journal")).unwrap();
    std::os::unix::fs::symlink(&victim, folder.path().join(".terraform.tfstate.lock.info")).unwrap();
    run(&path, "b");
    assert_eq!(fs_err::read_to_string(&victim).unwrap(), "mine");
    fs_err::remove_file(&path).unwrap();
    std::os::unix::fs::symlink(&victim, &path).unwrap();
    check_refused(&path, "Cannot keep the state");
    assert!(LocalStore::new(&path).lock(info(), Duration::ZERO).is_err());
}

#[test]
fn a_lock_left_behind_is_removed_by_its_id_only() {
    let (folder, path) = place();
    let mut store = LocalStore::new(&path);
    let left = folder.path().join(".terraform.tfstate.lock.info");
    assert!(store.force_unlock("x").is_err());
    fs_err::write(&left, r#"{"ID":"x","Who":"me@there"}"#).unwrap();
    assert!(store.force_unlock("y").is_err());
    store.force_unlock("x").unwrap();
    assert!(names(folder.path()).is_empty());
}

#[test]
fn half_a_journal_and_half_a_state_are_in_nobodys_way() {
    let (folder, path) = place();
    run(&path, "a");
    let first = Begin::default().lines(&[], &Manner::default()).unwrap();
    fs_err::write(beside(&path, ".journal"), first + "KFJ1 12").unwrap();
    for new in [
        ".terraform.tfstate.abc123.tmp",
        ".terraform.tfstate.journal.abc123.tmp",
    ] {
        fs_err::write(folder.path().join(new), "{").unwrap();
    }
    // That of a neighbour whose name begins like this one's is left alone.
    let others = ".terraform.tfstate.y.abc123.tmp";
    fs_err::write(folder.path().join(others), "{").unwrap();
    assert_eq!(run(&path, "b").serial, 2);
    assert_eq!(
        names(folder.path()),
        [others, "terraform.tfstate", "terraform.tfstate.backup"]
    );
}

#[test]
fn a_run_without_the_lock_folds_in_what_was_left() {
    let (_folder, path) = place();
    run(&path, "a");
    die(&path, "b", true);
    let mut store = LocalStore::new(&path);
    let state = store.read().unwrap().unwrap().state;
    let after = Session::begin(&mut store, &state)
        .finish(&with(&state, "c"))
        .whole()
        .unwrap();
    assert_eq!(after.objects().count(), 3);
    let next = LocalStore::new(&path).read().unwrap().unwrap();
    assert!(!next.recovered && next.unsettled.len() == 1);
}
