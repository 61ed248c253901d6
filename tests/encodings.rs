//! Expressions that encode and decode text, for comparing with Terraform.

use base64::Engine as _;

/// The names of encodings that both know, and some that neither does.
pub const ENCODINGS: &str = "Shift_JIS MS_Kanji EUC-JP ISO-2022-JP EUC-KR GBK CP936 GB18030 Big5 KOI8-R KOI8-U macintosh IBM866 866 \
    windows-874 windows-1250 windows-1251 windows-1252 windows-1253 windows-1254 windows-1255 windows-1256 windows-1257 \
    windows-1258 ISO-8859-1 latin2 ISO-8859-3 ISO-8859-4 cyrillic ECMA-114 greek8 hebrew ISO-8859-9 latin5 ISO-8859-10 \
    ISO-8859-13 ISO-8859-14 Latin-9 ISO-8859-16 ISO-8859-6-E ISO-8859-8-I UTF-8 UTF-16 UTF-16LE UTF-16BE US-ASCII \
    SJIS GB2312 UTF-32 UTF-7 TIS-620 ISO-8859-11 x-user-defined replacement nosuch";

/// Both directions of an encoding: letters of many scripts one by one, every byte, and some pairs of bytes.
pub fn encoded_and_decoded(encoding: &str) -> [String; 2] {
    // Letters for which Go's library has longer tables; bytes that shift, about which nobody agrees.
    let (further, shifts): (&str, &[u8]) = match encoding {
        "EUC-JP" | "Big5" => ("", &[]),
        "ISO-2022-JP" => ("éŒşĞıßέ¤", &[0x0e, 0x0f, 0x1b]),
        _ => ("éŒşĞıßέ¤", &[]),
    };
    let letters = "aZ~\\\\¥‾€ЖяΩאשعขあアー漢中한〜～\u{a0}\u{81}\u{98}·𝄞😀";
    let pairs = [
        [0x82, 0xa0],
        [0xa4, 0xa2],
        [0xd6, 0xd0],
        [0x1b, 0x24],
        [0xff, 0xfe],
        [0x81, 0x30],
        [0x5c, 0x7e],
    ];
    let bytes = (0..=255_u8)
        .filter(|byte| !shifts.contains(byte))
        .map(|byte| vec![byte])
        .chain(pairs.map(Vec::from));
    let encode = |bytes: Vec<u8>| format!("\"{}\"", base64::engine::general_purpose::STANDARD.encode(bytes));
    let bytes = bytes.map(encode).collect::<Vec<_>>().join(",");
    [
        format!(
            "jsonencode([for c in split(\"\", \"{letters}{further}\") : try(textencodebase64(c, \"{encoding}\"), 0)])"
        ),
        format!("jsonencode([for b in [{bytes}] : try(textdecodebase64(b, \"{encoding}\"), 0)])"),
    ]
}
