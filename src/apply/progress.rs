//! What is told of the work as it goes.

use std::time::Duration;

use crate::addr::InstanceAddr;
use crate::value::Text;

/// What is being done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    Creating,
    Modifying,
    Destroying,
    Disabling,
    Reading,
    /// What is there before an object is made.
    Listing,
    Opening,
}

/// Something that was done.
#[derive(Clone, Debug)]
pub struct Report {
    pub addr: InstanceAddr,
    pub deposed: Option<Text>,
    pub doing: Doing,
    pub elapsed: Duration,
    pub id: Option<String>,
}

/// Hears of the work. Whoever implements it prints, or does not.
pub trait Progress {
    /// Work on an object begins. `id` names an object that exists.
    fn started(&mut self, addr: &InstanceAddr, deposed: Option<&Text>, doing: Doing, id: Option<&str>);

    /// It goes on.
    fn still(&mut self, addr: &InstanceAddr, deposed: Option<&Text>, doing: Doing, elapsed: Duration);

    /// It is done and recorded for good.
    fn done(&mut self, report: &Report);

    /// It is done, and could not be recorded for sure.
    fn unrecorded(&mut self, report: &Report);

    /// It failed; the reasons follow at the end.
    fn failed(&mut self, addr: &InstanceAddr, deposed: Option<&Text>, doing: Doing, elapsed: Duration);

    /// A provisioner begins to run beside an object.
    fn provisioning(&mut self, addr: &InstanceAddr);

    /// A provisioner has printed a line.
    fn said(&mut self, addr: &InstanceAddr, line: &str);

    /// The user wants it to end.
    fn stopping(&mut self, running: usize, at_once: bool);
}
