//! What a run sees of an object that was begun: by the marker that it carries, or by what was not there before.

use std::collections::BTreeSet;

use keyform::state::protocol::{Sight, told_by_list};
use keyform::value::Text;

use super::world::{Id, TICK, Variant, World};

/// What is seen of the object with this marker. A read that is not current knows nothing of new objects.
pub fn of(world: &World, marker: u8, variant: Variant, is_current: bool) -> (Sight, Option<Id>) {
    let objects = (0..).zip(&world.objects);
    let mut there =
        objects.filter(|(_, object)| object.lives && (is_current || world.now - object.born >= TICK));
    if variant != Variant::Lists {
        return match there.find(|(_, object)| object.marker == marker) {
            Some((id, _)) => (Sight::There, Some(id)),
            None => (Sight::Absent { twice: true }, None),
        };
    }
    let books = &world.books;
    let is_recorded = |id: &Id| books.current == Some(*id) || books.deposed.values().any(|one| one == id);
    let before = world.lists[usize::from(marker) - 1];
    let new = there.map(|(id, _)| id).skip_while(|id| usize::from(*id) < before);
    let new: Vec<Id> = new.filter(|id| !is_recorded(id)).collect();
    let ids: BTreeSet<Text> = new.iter().map(|id| id.to_string().into()).collect();
    let sight = told_by_list(&ids, &BTreeSet::new());
    (sight, new.first().copied().filter(|_| sight == Sight::There))
}
