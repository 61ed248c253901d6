//! Words for names of pets.

/// They stand before adjectives.
#[rustfmt::skip]
pub(super) const ADVERBS: &[&str] = &[
    "ably", "almost", "always", "barely", "boldly", "bravely", "briefly", "brightly", "calmly",
    "clearly", "cleverly", "closely", "daily", "deeply", "deftly", "duly", "early", "easily",
    "evenly", "fairly", "fondly", "freely", "fully", "gently", "gladly", "greatly", "happily",
    "hardly", "humbly", "keenly", "kindly", "lately", "lightly", "loudly", "mainly", "merrily",
    "mildly", "mostly", "nearly", "neatly", "nicely", "nimbly", "often", "openly", "partly",
    "plainly", "politely", "promptly", "proudly", "purely", "quickly", "quietly", "rarely",
    "readily", "really", "richly", "rightly", "safely", "seldom", "sharply", "shortly", "simply",
    "slightly", "slowly", "smoothly", "softly", "solely", "soundly", "steadily", "strongly",
    "surely", "swiftly", "tenderly", "tightly", "truly", "usually", "vastly", "vividly", "warmly",
    "wholly", "widely", "wildly", "wisely",
];

/// They stand before animals.
#[rustfmt::skip]
pub(super) const ADJECTIVES: &[&str] = &[
    "amber", "ancient", "autumn", "azure", "bold", "breezy", "bronze", "busy", "calm", "candid",
    "cheerful", "clever", "coastal", "copper", "cosy", "crimson", "curious", "dapper", "daring",
    "dusty", "eager", "early", "eastern", "fabled", "fair", "fearless", "fluffy", "frosty",
    "gentle", "gilded", "glad", "golden", "graceful", "green", "happy", "hazel", "hidden", "honest",
    "humble", "icy", "indigo", "ivory", "jolly", "keen", "kind", "lively", "lone", "loyal", "lucky",
    "lunar", "maple", "mellow", "merry", "misty", "modest", "mossy", "nimble", "noble", "northern",
    "olive", "opal", "patient", "pearly", "playful", "polite", "proud", "purple", "quick", "quiet",
    "rapid", "restless", "roaming", "rosy", "royal", "ruby", "rustic", "scarlet", "shady", "shiny",
    "silent", "silver", "sleepy", "small", "snowy", "solar", "southern", "spotted", "spry",
    "steady", "stormy", "sunny", "swift", "tall", "teal", "tidy", "tiny", "tranquil", "valiant",
    "velvet", "vivid", "wandering", "warm", "western", "wild", "winter", "wise", "witty", "young",
    "zesty",
];

/// What a pet is.
#[rustfmt::skip]
pub(super) const ANIMALS: &[&str] = &[
    "aardvark", "albatross", "alpaca", "anchovy", "antelope", "armadillo", "avocet", "badger",
    "bandicoot", "barbet", "bear", "beaver", "bison", "blackbird", "bluebird", "boar", "bobcat",
    "bonobo", "buffalo", "bulbul", "bunting", "buzzard", "camel", "canary", "capybara", "caracal",
    "caribou", "cassowary", "chaffinch", "chamois", "cheetah", "chickadee", "chinchilla", "cicada",
    "coati", "cockatoo", "condor", "coot", "cormorant", "cougar", "coyote", "crane", "cricket",
    "crossbill", "curlew", "deer", "dingo", "dipper", "dolphin", "donkey", "dormouse", "dove",
    "dragonfly", "duck", "dugong", "dunlin", "eagle", "egret", "eland", "elk", "emu", "ermine",
    "falcon", "ferret", "finch", "firefly", "flamingo", "fox", "frog", "gannet", "gazelle", "gecko",
    "gerbil", "gibbon", "giraffe", "gnu", "goat", "godwit", "goldcrest", "goose", "gorilla",
    "grebe", "grouse", "guanaco", "gull", "hamster", "hare", "hawk", "hedgehog", "heron", "herring",
    "hippo", "hoopoe", "horse", "hummingbird", "hyena", "ibex", "ibis", "iguana", "impala",
    "jackal", "jackdaw", "jaguar", "jay", "kangaroo", "kestrel", "kingfisher", "kite", "kiwi",
    "koala", "kudu", "ladybird", "lapwing", "lark", "lemming", "lemur", "leopard", "linnet", "lion",
    "lizard", "llama", "lobster", "lynx", "macaw", "magpie", "mallard", "manatee", "marmot",
    "marten", "martin", "meerkat", "merlin", "mole", "mongoose", "moose", "moth", "mouse",
    "narwhal", "newt", "nightingale", "nuthatch", "ocelot", "octopus", "okapi", "opossum", "orca",
    "oriole", "oryx", "osprey", "ostrich", "otter", "owl", "oyster", "panda", "pangolin", "panther",
    "parrot", "partridge", "peacock", "pelican", "penguin", "pheasant", "pika", "pipit", "platypus",
    "plover", "pony", "porcupine", "porpoise", "puffin", "puma", "quail", "quokka", "rabbit",
    "raccoon", "raven", "reindeer", "robin", "rook", "salamander", "salmon", "sandpiper",
    "seahorse", "seal", "serval", "shearwater", "sheep", "shrike", "skylark", "sloth", "snipe",
    "sparrow", "squid", "squirrel", "starfish", "starling", "stoat", "stork", "sturgeon", "swallow",
    "swan", "swift", "takin", "tamarin", "tapir", "teal", "tern", "thrush", "tiger", "toad",
    "tortoise", "toucan", "trout", "turtle", "viscacha", "vole", "wallaby", "walrus", "warbler",
    "weasel", "whale", "whimbrel", "wigeon", "wolf", "wolverine", "wombat", "woodpecker", "wren",
    "yak", "zebra",
];
